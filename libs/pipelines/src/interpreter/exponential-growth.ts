import type { ExponentialBuckets, ExponentialHistogramPoint } from '#lib/otlp';
import type { Growth } from './points.js';
import { countDifference } from './unsigned.js';

/**
 * The growth of an exponential histogram. Over time it may only become coarser; the one before is made as coarse
 * first. One that became finer or fell is left out and not remembered.
 */
export function exponentialGrowth(
  point: ExponentialHistogramPoint,
  before: ExponentialHistogramPoint,
): Growth<ExponentialHistogramPoint> {
  const isNext =
    point.count >= before.count &&
    !(point.zeroThreshold < before.zeroThreshold) &&
    point.scale <= before.scale;
  if (!isNext) return { delta: undefined, remembered: before };
  const last = asCoarse(before, point);
  const grown = (point.sum ?? 0) - (before.sum ?? 0);
  const delta = {
    ...point,
    count: point.count - before.count,
    sum: point.sum === null || Number.isNaN(point.sum) ? point.sum : grown,
    zeroCount: countDifference(point.zeroCount, last.zeroCount),
    positive: bucketGrowth(point.positive, last.positive),
    negative: bucketGrowth(point.negative, last.negative),
  };
  return { delta, remembered: point };
}

type Buckets = Pick<ExponentialHistogramPoint, 'zeroCount' | 'positive' | 'negative'>;

function asCoarse(before: ExponentialHistogramPoint, point: ExponentialHistogramPoint): Buckets {
  const bits = before.scale - point.scale;
  const { zeroCount, positive, negative } = withThreshold(before, point.zeroThreshold);
  return { zeroCount, positive: coarsened(positive, bits), negative: coarsened(negative, bits) };
}

/** Puts the buckets below a higher threshold into the zero bucket. */
function withThreshold(before: ExponentialHistogramPoint, threshold: number): Buckets {
  if (!(threshold > before.zeroThreshold)) return before;
  const scaleFactor = Math.LOG2E * 2 ** before.scale;
  const bucket = Math.ceil(Math.log(threshold) * scaleFactor) - 1;
  const [positive, negative] = [trimmed(before.positive, bucket), trimmed(before.negative, bucket)];
  const zeroCount = before.zeroCount + positive.count + negative.count;
  return { zeroCount, positive: positive.rest, negative: negative.rest };
}

type Trimmed = { readonly count: number; readonly rest: ExponentialBuckets };

function trimmed({ offset, bucketCounts }: ExponentialBuckets, upTo: number): Trimmed {
  const length = Math.min(Math.max(upTo - offset + 1, 0), bucketCounts.length);
  return {
    count: bucketCounts.slice(0, length).reduce((sum, count) => sum + count, 0),
    rest: { offset: offset + length, bucketCounts: bucketCounts.slice(length) },
  };
}

function coarsened({ offset, bucketCounts }: ExponentialBuckets, bits: number): ExponentialBuckets {
  const first = shifted(offset, bits);
  const counts: number[] = [];
  bucketCounts.forEach((count, index) => {
    const at = shifted(offset + index, bits) - first;
    counts[at] = (counts[at] ?? 0) + count;
  });
  return { offset: first, bucketCounts: counts };
}

/** Halves an index again and again, downwards. */
function shifted(index: number, bits: number): number {
  return index >> Math.min(bits, 31);
}

/** From the first bucket that grew to the last; a bucket that fell counts as one that did not grow. */
function bucketGrowth(now: ExponentialBuckets, before: ExponentialBuckets): ExponentialBuckets {
  const grown = now.bucketCounts.map((count, index) => {
    const last = before.bucketCounts[now.offset + index - before.offset] ?? 0;
    return Math.max(count - last, 0);
  });
  const first = grown.findIndex((count) => count > 0);
  if (first < 0) return { offset: 0, bucketCounts: [] };
  const last = grown.findLastIndex((count) => count > 0);
  return { offset: now.offset + first, bucketCounts: grown.slice(first, last + 1) };
}
