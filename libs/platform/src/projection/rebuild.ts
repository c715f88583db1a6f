import type { Position } from '#lib/events';
import { Applier } from './applier.js';
import { readAhead } from './reading.js';
import { CheckpointAhead } from './runner.js';
import type { CommitSource, Lease, Projection, ProjectionStore } from './types.js';

/**
 * A second, empty set of a projection's tables. What is applied through it is invisible until `swap` puts all of it in
 * the place of the live rows at once; readers see the old rows until then and never wait.
 */
export interface RebuildSession extends ProjectionStore {
  /**
   * One transaction: fences the live runner, replaces live rows, parked aggregates and checkpoint by the rebuilt ones.
   * @returns undefined when it is done, or, with no row changed, the live checkpoint that the rebuild is still behind;
   *   the live runner is then held off for the length of a lease, so that the rebuild can catch up
   */
  swap(lease: Lease): Promise<Position | undefined>;
  /** Drops whatever was not swapped in. */
  close(): Promise<void>;
}

/** What a rebuild ended with. */
export interface RebuildResult {
  readonly position: Position;
  /** Subjects that are parked again. */
  readonly parked: readonly string[];
}

/** Read at once; a rebuild is bound by the database, so large batches pay. */
const BATCH = 2_000;

/**
 * Computes a projection from the first commit on, beside the live one, and swaps it in. Closes the session.
 * @throws CheckpointAhead when the live rows know commits that the stream does not have
 */
export async function rebuildProjection(
  projection: Projection,
  source: CommitSource,
  session: RebuildSession,
): Promise<RebuildResult> {
  try {
    const lease = await session.acquire(projection.name, 'rebuild');
    if (lease === undefined) throw new Error(`${projection.name} is being rebuilt already`);
    const applier = new Applier(session, projection, lease);
    let target: Position | undefined = await source.head();
    while (target !== undefined) {
      await catchUp({ applier, projection, source }, target);
      target = await session.swap(applier.lease);
    }
    return { position: applier.lease.position, parked: [...applier.lease.parked.keys()] };
  } finally {
    await session.close();
  }
}

interface CatchUp {
  readonly applier: Applier;
  readonly projection: Projection;
  readonly source: CommitSource;
}

async function catchUp({ applier, projection, source }: CatchUp, target: Position): Promise<void> {
  const head = await source.head();
  if (head < target) throw new CheckpointAhead(target, head);
  const enough = new AbortController();
  if (applier.lease.position >= target) return;
  const messages = source.read({ after: applier.lease.position, signal: enough.signal });
  const inbox = readAhead(messages, projection, BATCH);
  try {
    while (applier.lease.position < target) {
      const batch = await inbox.take();
      if (batch === undefined) throw new Error('the stream ended before its last commit was read');
      if (!(await applier.apply(batch))) throw new Error('the rebuild lost its own lease');
    }
  } finally {
    enough.abort();
    inbox.close();
  }
}
