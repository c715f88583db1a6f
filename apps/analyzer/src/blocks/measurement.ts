import type { HostId } from '#lib/events';
import { blockAt, endOf, gridOf, wholeBlocks, type BlockGrid } from '../shared/block-grid.js';
import type { KnownExperiment } from '../shared/experiment-book.js';
import type { BlockSpan } from '#lib/metering';

/** The grid of the measurement that an experiment is in; undefined while it measures nothing. */
export function currentGrid({ state: { run, spec } }: KnownExperiment): BlockGrid | undefined {
  return run.measurementAt === undefined
    ? undefined
    : gridOf(run.measurementAt, spec.schedule.maximumSeconds);
}

/** Which blocks of one measurement are made, and which of them need to be made anew. Times in ms since the epoch. */
export class Measurement {
  private readonly until: Map<HostId, number>;
  private readonly touched = new Map<HostId, Set<number>>();

  constructor(
    readonly grid: BlockGrid,
    madeUntil: ReadonlyMap<HostId, number>,
  ) {
    this.until = new Map(madeUntil);
  }

  /** A window came; the block that holds it is made anew if it was made already. */
  touch(host: HostId, windowStart: number): void {
    const block = blockAt(this.grid, windowStart);
    if (block === undefined || block.start >= this.madeUntil(host)) return;
    this.touched.set(host, (this.touched.get(host) ?? new Set()).add(block.start));
  }

  /** The blocks to be made for a host whose time has come up to `end`, at most `limit`, oldest first. */
  due(host: HostId, end: number, limit: number): readonly BlockSpan[] {
    const { seconds } = this.grid;
    const again = [...(this.touched.get(host) ?? [])].map((start) => ({ start, seconds }));
    const fresh = wholeBlocks({ begin: this.madeUntil(host), seconds }, end);
    return [...again, ...fresh].sort((a, b) => a.start - b.start).slice(0, limit);
  }

  /** Called before the windows are read, so that one which comes meanwhile touches its block again. */
  begin(host: HostId, blocks: readonly BlockSpan[]): void {
    for (const block of blocks) {
      this.touched.get(host)?.delete(block.start);
      if (block.seconds === this.grid.seconds)
        this.until.set(host, Math.max(this.madeUntil(host), endOf(block)));
    }
  }

  /** Undoes `begin` where writing failed. */
  failed(host: HostId, blocks: readonly BlockSpan[]): void {
    for (const block of blocks) this.touch(host, block.start);
  }

  private madeUntil(host: HostId): number {
    return this.until.get(host) ?? this.grid.begin;
  }
}
