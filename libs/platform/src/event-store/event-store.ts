import type { AggregateKind, AggregateRef, Commit, Position, StoredCommit } from '#lib/events';

/**
 * - `conflict`: the aggregate has moved on; nothing was stored.
 * - `unknown-outcome`: no answer in time. The commit may be stored; appending the same commit again is safe.
 * - `stream-full`, `too-large`: refused, not stored.
 * - `unavailable`: not stored, or not readable, for now.
 */
export type StoreErrorCode = 'conflict' | 'unknown-outcome' | 'stream-full' | 'too-large' | 'unavailable';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

export interface Appended {
  readonly position: Position;
  /** This very command had already been stored on this aggregate: its commit is at `position`. */
  readonly duplicate: boolean;
}

/** A commit as stored, not yet decoded: a projection parks what it cannot decode. */
export interface RawCommit {
  readonly subject: string;
  readonly position: Position;
  readonly bytes: Uint8Array;
}

/** All commits of all aggregates in one order, with optimistic concurrency for each aggregate. */
export interface EventStore {
  /**
   * Stores a commit if the aggregate's last position is still the expected one (0: it has none). With `asOf` only if,
   * besides, no aggregate of the same kind and tenant has a commit after it: for a decision that rests on all of them.
   * @throws StoreError; CodecError when an event breaks its schema
   */
  append(commit: Commit, expected: Position, asOf?: Position): Promise<Appended>;
  /**
   * Commits of one aggregate after a position, oldest first. The newest may be missing for a moment.
   * @throws StoreError `unavailable`; CodecError
   */
  load(ref: AggregateRef, after?: Position): Promise<readonly StoredCommit[]>;
  /** Last position of the aggregate as the stream's leader knows it, 0 without commits. @throws StoreError */
  lastPosition(ref: AggregateRef): Promise<Position>;
  /**
   * Commits of all aggregates of a kind after a position, oldest first. The newest may be missing for a moment.
   * @throws StoreError `unavailable`
   */
  loadKind(kind: AggregateKind, after?: Position): Promise<readonly RawCommit[]>;
  /** Position of the newest commit of any aggregate of a kind, as the leader knows it; 0 without. @throws StoreError */
  lastPositionOfKind(kind: AggregateKind): Promise<Position>;
  /** Position of the newest commit of all, 0 without any. @throws StoreError */
  head(): Promise<Position>;
  /** Every commit after a position, in order, each once, and then the new ones, until the signal aborts. */
  read(options: { readonly after: Position; readonly signal: AbortSignal }): AsyncIterable<RawCommit>;
}
