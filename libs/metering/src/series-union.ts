import type { BlockVariant, Estimate } from './block.js';
import { HyperLogLog } from './hyperloglog.js';

/** The distinct series of one host and variant over all of its blocks. */
export type SeriesUnion = {
  readonly unique: Estimate;
  /** `null` until a second block has a sketch: before that nothing could be seen to appear. */
  readonly appeared: AppearedSeries | null;
};

/** Series seen after the first block with a sketch and not in it. `standardError` is in series. */
export type AppearedSeries = {
  readonly value: number;
  readonly standardError: number;
  /** Covered seconds after the first block with a sketch up to the last one with a sketch. */
  readonly coveredSeconds: number;
};

/**
 * Unites the sketches of one host's blocks, oldest first, in `blocks`. The union is never below a count that was made
 * exactly, for the sketch may err and that one does not. `null` where no minute ended in any of the blocks.
 */
export function seriesUnion(blocks: readonly BlockVariant[]): SeriesUnion | null {
  const sketched = blocks.flatMap(({ sketch }, index) => (sketch === null ? [] : [{ sketch, index }]));
  const [first] = sketched;
  const last = sketched.at(-1);
  if (first === undefined || last === undefined) return null;
  const union = HyperLogLog.fromText(first.sketch);
  const before = union.estimate();
  if (first === last) return { unique: uniqueOf(blocks, union, blocks[first.index]), appeared: null };
  for (const { sketch } of sketched.slice(1)) union.merge(HyperLogLog.fromText(sketch));
  const later = blocks.slice(first.index + 1, last.index + 1);
  const coveredSeconds = later.reduce((sum, block) => sum + block.coveredSeconds, 0);
  const after = union.estimate();
  return {
    unique: uniqueOf(blocks, union),
    appeared: {
      value: after - before,
      standardError: union.standardError * Math.sqrt(after ** 2 - before ** 2),
      coveredSeconds,
    },
  };
}

function uniqueOf(blocks: readonly BlockVariant[], union: HyperLogLog, only?: BlockVariant): Estimate {
  const counted = only?.uniqueSeries?.standardError === 0 ? only.uniqueSeries.value : null;
  const least = leastSeries(blocks);
  if (counted !== null && counted >= least) return { value: counted, standardError: 0 };
  return { value: Math.max(Math.round(union.estimate()), least), standardError: union.standardError };
}

/** The greatest count that a block made exactly, whole: the mean of counts lies between whole numbers. */
function leastSeries(blocks: readonly BlockVariant[]): number {
  return blocks
    .flatMap(({ activeSeries, windowSeries, uniqueSeries }) => [activeSeries, windowSeries, uniqueSeries])
    .reduce((most, count) => (count?.standardError === 0 ? Math.max(most, Math.ceil(count.value)) : most), 0);
}
