import {
  position,
  type AggregateId,
  type AggregateName,
  type CommandId,
  type EventsOf,
  type StoredCommit,
  type TenantId,
} from '#lib/events';
import { foldCommits, type AggregateView, type ViewRow } from '../aggregate-view.js';

/** `2026-01-01T00:00:<second>Z`. */
export const second = (s: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString();

/** Commits of one aggregate at positions 1, 2, 3 ..., each made of the events of one array. */
export function commitsOf<A extends AggregateName>(
  aggregate: A,
  ...commits: readonly (readonly EventsOf<A>[])[]
): readonly StoredCommit<A>[] {
  return commits.map((events, i) => ({
    tenant: 'default' as TenantId,
    aggregate,
    id: 'a1' as AggregateId,
    commandId: `c${i + 1}` as CommandId,
    actor: { kind: 'user', id: 'ada' },
    at: second(i),
    events,
    position: position(i + 1),
  }));
}

/** The only row after all commits. */
export function rowAfter<A extends AggregateName, Row extends ViewRow, Detail extends object>(
  view: AggregateView<A, Row, Detail>,
  commits: readonly StoredCommit<A>[],
): Row | undefined {
  return foldCommits(view, [], commits).rows[0];
}
