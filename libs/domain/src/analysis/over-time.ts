import { autocovariance, mean, variance } from './moments.js';
import { rules } from './rules.js';
import { twoSidedQuantile } from './student.js';

/** A mean with the half width of its confidence interval. */
export type MeanInterval = { readonly mean: number; readonly halfWidth: number };

/**
 * Integrated autocorrelation time in steps: 1 + 2 * the sum of the autocorrelations, summed in pairs while the pairs
 * stay positive (Geyer's initial positive sequence, Statistical Science 7, 1992). 1 for independent values.
 */
export function autocorrelationTime(values: readonly number[]): number {
  const centre = mean(values);
  const gamma0 = autocovariance(values, 0, centre);
  if (!(gamma0 > 0)) return 1;
  let pairs = 0;
  for (let lag = 0; lag + 1 < values.length; lag += 2) {
    const pair = autocovariance(values, lag, centre) + autocovariance(values, lag + 1, centre);
    if (pair <= 0) break;
    pairs += pair;
  }
  return Math.max(1, (2 * pairs) / gamma0 - 1);
}

/** Means of runs of `size` neighbours; an incomplete run at the begin is left out. */
function merged(values: readonly number[], size: number): readonly number[] {
  const first = values.length % size;
  return Array.from({ length: Math.floor(values.length / size) }, (_, i) =>
    mean(values.slice(first + i * size, first + (i + 1) * size)),
  );
}

/**
 * Confidence interval of the long-run mean of an autocorrelated series, or undefined where it is too short to carry
 * one. Blocks are merged over twice the autocorrelation time; what correlation is left between neighbours widens the
 * interval and costs half the degrees of freedom. It holds for one look at a time fixed beforehand. `systematic` is
 * the standard error that no averaging removes, such as a sketch's.
 */
export function overTimeInterval(
  values: readonly number[],
  confidence: number,
  systematic = 0,
): MeanInterval | undefined {
  if (values.length < rules.mergedBlocksForTime) return undefined;
  const time = autocorrelationTime(values);
  const blocks = merged(values, time > 1 ? Math.ceil(2 * time) : 1);
  const n = blocks.length;
  if (n < rules.mergedBlocksForTime) return undefined;
  const longRun = variance(blocks) + 2 * Math.max(0, autocovariance(blocks, 1));
  const standardError = Math.sqrt(longRun / n + systematic ** 2);
  const halfWidth = twoSidedQuantile(confidence, Math.floor((n - 1) / 2)) * standardError;
  return { mean: mean(blocks), halfWidth };
}
