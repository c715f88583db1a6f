import type { NumberPoint } from '#lib/otlp';
import type { NumberMetric } from './join-resources.js';
import { attributesKey } from './keys.js';
import type { CounterTotal } from './memory.js';

/** The common time of a group's points, taken from the first of them; they all stem from one scrape. */
export type GroupTime = { readonly time: bigint; readonly deltaStart: bigint | undefined };

/** The time of a group: its first point's, and the start of its first growth. */
export function groupTime(metrics: readonly NumberMetric[]): GroupTime {
  return {
    time: firstPoint(metrics)?.timeUnixNano ?? 0n,
    deltaStart: firstPoint(metrics.filter(isDelta))?.startTimeUnixNano,
  };
}

function firstPoint(metrics: readonly NumberMetric[]): NumberPoint | undefined {
  return metrics.find(({ points }) => points.length > 0)?.points[0];
}

/** Sums the points of one metric that agree in their attributes. */
export function mergePoints(metric: NumberMetric, { time, deltaStart }: GroupTime): NumberMetric {
  const sums = new Map<string, Sum>();
  const common = isDelta(metric) ? deltaStart : undefined;
  for (const point of metric.points) {
    const key = attributesKey(point.attributes);
    const start = common ?? point.startTimeUnixNano;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { first: point, value: point.value, start });
    else add(sum, point.value, start);
  }
  const points = [...sums.values()].map(({ first, start, value }) => ({
    ...first,
    value,
    timeUnixNano: time,
    startTimeUnixNano: start,
  }));
  return { ...metric, points };
}

/** What comes together: the first point gives all but the value and the start. */
type Sum = { readonly first: NumberPoint; value: NumberPoint['value']; start: bigint };

function add(sum: Sum, value: NumberPoint['value'], start: bigint): void {
  sum.value = sumOf(sum.value ?? 0, value ?? 0);
  if (start < sum.start) sum.start = start;
}

/**
 * Turns growth back into running totals, after the stock `deltatocumulative` processor: the first growth is the
 * first total, and growth that is not newer than its total is dropped.
 */
export function accumulate(
  metric: NumberMetric,
  owner: string,
  totals: Map<string, CounterTotal>,
): NumberMetric {
  if (!isDelta(metric)) return metric;
  const points = metric.points.map((point) =>
    total(point, `${owner}\n${attributesKey(point.attributes)}`, totals),
  );
  return { ...metric, temporality: 'cumulative', points: points.filter((point) => point !== undefined) };
}

function total(point: NumberPoint, key: string, totals: Map<string, CounterTotal>): NumberPoint | undefined {
  const before = totals.get(key);
  const stale =
    before !== undefined &&
    (point.startTimeUnixNano < before.startTimeUnixNano || point.timeUnixNano <= before.timeUnixNano);
  if (stale || point.value === null) return undefined;
  const now: NumberPoint =
    before === undefined
      ? point
      : { ...point, value: sumOf(before.value, point.value), startTimeUnixNano: before.startTimeUnixNano };
  totals.set(key, {
    value: now.value ?? 0,
    startTimeUnixNano: now.startTimeUnixNano,
    timeUnixNano: now.timeUnixNano,
  });
  return now;
}

function isDelta(metric: NumberMetric): metric is Extract<NumberMetric, { type: 'sum' }> {
  return metric.type === 'sum' && metric.temporality === 'delta';
}

function sumOf(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b);
}
