import type { AggregateName, EventsOf } from './catalogue.js';
import type { AggregateId, CommandId, Position, TenantId } from './ids.js';

/** Who caused a commit: a person, an app acting on its own clock, or a host. */
export interface Actor {
  readonly kind: 'user' | 'service' | 'host';
  readonly id: string;
}

/** All aggregates of one kind of a tenant. */
export interface AggregateKind<A extends AggregateName = AggregateName> {
  readonly tenant: TenantId;
  readonly aggregate: A;
}

/** Which aggregate of which tenant: names one subject of the EVENTS stream. */
export interface AggregateRef<A extends AggregateName = AggregateName> extends AggregateKind<A> {
  readonly id: AggregateId;
}

/**
 * The unit of storage: all events of one command, in one message. One message makes them atomic on every server
 * version, and the subject's last sequence is the aggregate's version.
 */
export interface Commit<A extends AggregateName = AggregateName> extends AggregateRef<A> {
  readonly commandId: CommandId;
  readonly actor: Actor;
  /** ISO 8601; set at the edge, for people. Order comes from the position only. */
  readonly at: string;
  /** Commit or message that led to this one, when there is one. */
  readonly causation?: string;
  readonly events: readonly EventsOf<A>[];
}

/** A commit at its place in the stream. */
export interface StoredCommit<A extends AggregateName = AggregateName> extends Commit<A> {
  readonly position: Position;
}
