import { WINDOW_MS, type BlockSpan } from '#lib/metering';

/** Where the canonical blocks of a measurement lie: from `begin` (ms since the epoch) on, without holes. */
export type BlockGrid = { readonly begin: number; readonly seconds: number };

const HOUR_SECONDS = 3_600;
const TEN_MINUTES_SECONDS = 600;
/** The block of the end counts from this share of a whole one on. */
const SHORTEST_SHARE = 0.5;

/** Shorter experiments get shorter blocks, so that there are some to compare. */
export function blockSecondsFor(maximumSeconds: number): number {
  if (maximumSeconds < TEN_MINUTES_SECONDS) return 30;
  return maximumSeconds < HOUR_SECONDS ? 60 : 300;
}

/**
 * The grid of a measurement. It starts with the first window that lies wholly in the measurement, not on a round
 * minute, so that a short run wastes nothing.
 */
export function gridOf(measurementAt: string, maximumSeconds: number): BlockGrid {
  const begin = Math.ceil(Date.parse(measurementAt) / WINDOW_MS) * WINDOW_MS;
  return { begin, seconds: blockSecondsFor(maximumSeconds) };
}

/** End of the last window that lies wholly before a time. */
export function windowEndBefore(time: number): number {
  return Math.floor(time / WINDOW_MS) * WINDOW_MS;
}

/** End of a block, ms since the epoch. */
export function endOf({ start, seconds }: BlockSpan): number {
  return start + seconds * 1000;
}

/** The whole blocks that end by a time. */
export function wholeBlocks(grid: BlockGrid, end: number): readonly BlockSpan[] {
  const length = grid.seconds * 1000;
  const count = Math.max(0, Math.floor((end - grid.begin) / length));
  return Array.from({ length: count }, (_, i) => ({ start: grid.begin + i * length, seconds: grid.seconds }));
}

/** All blocks of a measurement that ended at `end`: the last one may be shorter, if it is long enough to count. */
export function finalBlocks(grid: BlockGrid, end: number): readonly BlockSpan[] {
  const whole = wholeBlocks(grid, end);
  const start = grid.begin + whole.length * grid.seconds * 1000;
  const seconds = (end - start) / 1000;
  return seconds >= grid.seconds * SHORTEST_SHARE ? [...whole, { start, seconds }] : whole;
}

/** The whole block that a time lies in; undefined before the grid. */
export function blockAt(grid: BlockGrid, time: number): BlockSpan | undefined {
  if (time < grid.begin) return undefined;
  const length = grid.seconds * 1000;
  return { start: time - ((time - grid.begin) % length), seconds: grid.seconds };
}
