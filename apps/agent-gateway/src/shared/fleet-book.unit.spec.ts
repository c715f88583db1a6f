import type { AggregateId, ExperimentSpec, HostId, Position, StoredCommit, TenantId } from '#lib/events';
import { FleetBook } from './fleet-book.js';

const tenant = 'acme' as TenantId;
const host = 'h1' as HostId;
const at = '2026-01-02T03:04:05.000Z';
const pipeline = { template: 'baseline', parameters: {} };
const spec = { name: 'x' } as unknown as ExperimentSpec;

let position = 0;
const commit = (id: string, ...events: StoredCommit<'experiment'>['events']): StoredCommit => {
  position += 1;
  return {
    tenant,
    aggregate: 'experiment',
    id: id as AggregateId,
    commandId: `c${position}` as StoredCommit['commandId'],
    actor: { kind: 'user', id: 'u' },
    at,
    events,
    position: position as Position,
  };
};
const started = (id: string) =>
  commit(
    id,
    { type: 'ExperimentDrafted', data: { at, spec } },
    { type: 'ExperimentStarted', data: { at, hosts: [host], baseline: pipeline, candidate: pipeline, spec } },
  );

describe('the fleet book', () => {
  it('lets a host follow the experiment that was started last', () => {
    const book = new FleetBook();
    book.apply(started('e1'));
    book.apply(started('e2'));
    expect(book.ownerOf(tenant, host)?.id).toBe('e2');
    expect(book.ownerOf('other' as TenantId, host)).toBeUndefined();
    expect(book.ownerOf(tenant, 'h2' as HostId)).toBeUndefined();
  });

  it('gives the say to nobody when the last one is archived, least of all to an older one', () => {
    const book = new FleetBook();
    book.apply(started('e1'));
    book.apply(started('e2'));
    book.apply(
      commit(
        'e2',
        { type: 'ExperimentStopRequested', data: { at, reason: '', mode: 'graceful' } },
        { type: 'ExperimentStopped', data: { at } },
      ),
    );
    expect(book.ownerOf(tenant, host)?.id).toBe('e2');
    book.apply(commit('e2', { type: 'ExperimentArchived', data: { at } }));
    expect(book.ownerOf(tenant, host)).toBeUndefined();
  });
});
