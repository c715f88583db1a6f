import type { HistogramPoint, NumberPoint } from '#lib/otlp';
import { exponentialGrowth } from './exponential-growth.js';
import type { Growth, Point } from './points.js';
import { countDifference } from './unsigned.js';

/** The growth since a point of the same series; times are left as they are. */
export function pointGrowth(point: Point, before: Point): Growth {
  if ('value' in point && 'value' in before) return numberGrowth(point, before);
  if ('explicitBounds' in point && 'explicitBounds' in before) return histogramGrowth(point, before);
  if ('scale' in point && 'scale' in before) return exponentialGrowth(point, before);
  return { delta: undefined, remembered: point };
}

/** What cannot be told of growth goes: extremes of a span are not those of the whole time. */
export function withoutExtremes(point: Point): Point {
  if ('value' in point) return { ...point, value: point.value ?? 0n };
  return 'quantiles' in point ? point : { ...point, min: null, max: null };
}

function numberGrowth(point: NumberPoint, before: NumberPoint): Growth<NumberPoint> {
  const [value, last] = [point.value ?? 0n, before.value ?? 0n];
  const delta = value < last ? undefined : { ...point, value: difference(value, last) };
  return { delta, remembered: point };
}

function difference(value: number | bigint, before: number | bigint): number | bigint {
  return typeof value === 'bigint' && typeof before === 'bigint'
    ? BigInt.asIntN(64, value - before)
    : Number(value) - Number(before);
}

function histogramGrowth(point: HistogramPoint, before: HistogramPoint): Growth<HistogramPoint> {
  // A sum that is no number counts as one that did not grow.
  const sum = Number.isNaN(point.sum) ? before.sum : point.sum;
  const remembered = { ...point, sum };
  if (!hasSameBuckets(point, before)) return { delta: undefined, remembered };
  if (point.count < before.count) return { delta: point, remembered };
  const grown = (sum ?? 0) - (before.sum ?? 0);
  const delta = {
    ...point,
    count: point.count - before.count,
    sum: point.sum === null || Number.isNaN(point.sum) ? point.sum : grown,
    bucketCounts: point.bucketCounts.map((count, index) =>
      countDifference(count, before.bucketCounts[index] ?? 0),
    ),
  };
  return { delta, remembered };
}

function hasSameBuckets(one: HistogramPoint, other: HistogramPoint): boolean {
  return (
    one.bucketCounts.length === other.bucketCounts.length &&
    one.explicitBounds.length === other.explicitBounds.length &&
    one.explicitBounds.every((bound, index) => bound === other.explicitBounds[index])
  );
}
