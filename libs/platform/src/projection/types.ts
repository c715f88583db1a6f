import type { AggregateName, Position, StoredCommit, TenantId } from '#lib/events';
import type { EventStore } from '../event-store/event-store.js';

/** One open transaction. @throws PoisonCommit when the database refuses the data itself; anything else may pass */
export interface Sql {
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}

/** A row of a view that readers should look at again. */
export interface ViewChange {
  readonly tenant: TenantId;
  readonly view: string;
  readonly key: string;
  readonly position: Position;
}

/** Turns commits into rows. Same commits, same rows: no clock, no random, nothing read but its own tables. */
export interface Projection {
  /** Name of its checkpoint. */
  readonly name: string;
  readonly aggregates: readonly AggregateName[];
  /** Its own tables, empty before the first commit. Only a projection with tables can be rebuilt. */
  readonly tables: readonly string[];
  /**
   * Writes what follows from the commits, given in order of position, within the transaction that moves the
   * checkpoint. Must do no harm when it sees a commit again.
   * @throws PoisonCommit when it can never take one of the commits; any other error is tried again
   */
  apply(sql: Sql, commits: readonly StoredCommit[]): Promise<readonly ViewChange[]>;
}

/** A commit that waits in EVENTS because its aggregate is parked for the projection. */
export interface ParkedCommit {
  readonly subject: string;
  readonly position: Position;
  /** Why the aggregate was parked; later commits repeat it. */
  readonly code: string;
  readonly detail: string;
}

/** The right to move one checkpoint. `epoch` is the fence: a holder of an older one changes nothing. */
export interface Lease {
  readonly projection: string;
  readonly epoch: number;
  /** The last commit that is in the rows. */
  readonly position: Position;
  /** Subjects whose aggregates are parked, with the reason. */
  readonly parked: ReadonlyMap<string, Pick<ParkedCommit, 'code' | 'detail'>>;
}

/** What one transaction of a projection leaves behind beside its rows. */
export interface Advance {
  readonly changes: readonly ViewChange[];
  readonly parked: readonly ParkedCommit[];
}

/** Checkpoints, leases and parked aggregates, in the same database as the rows. */
export interface ProjectionStore {
  /** Takes the lease when it is free, expired or already this owner's. @returns undefined while another holds it */
  acquire(projection: string, owner: string): Promise<Lease | undefined>;
  /** @returns false when the lease has gone to another */
  renew(lease: Lease): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  /**
   * One transaction: moves the checkpoint from `lease.position` to `to`, provided that the lease still stands, then
   * runs `write`, then records the changes and the parked commits.
   * @returns undefined, with nothing written, when another has taken the lease or moved the checkpoint
   */
  advance(lease: Lease, to: Position, write: (sql: Sql) => Promise<Advance>): Promise<Advance | undefined>;
}

/** What a projection needs of the event store. */
export type CommitSource = Pick<EventStore, 'head' | 'read'>;

/** Tells the feeds that a view has changed. A hint only: losing one is harmless. */
export type Doorbell = (change: Pick<ViewChange, 'tenant' | 'view' | 'position'>) => void;
