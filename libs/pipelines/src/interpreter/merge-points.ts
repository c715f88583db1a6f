import type { Metric, NumberPoint } from '#lib/otlp';
import { attributesKey } from './keys.js';
import type { CounterTotal } from './memory.js';

type NumberMetric = Extract<Metric, { type: 'sum' | 'gauge' }>;

/** The common time of a group's points, taken from the first of them; they all stem from one scrape. */
export type GroupTime = { readonly time: bigint; readonly deltaStart: bigint | undefined };

/** The time of a group: its first point's, and the start of its first growth. */
export function groupTime(metrics: readonly NumberMetric[]): GroupTime {
  const first = metrics.flatMap(({ points }) => points)[0];
  const firstDelta = metrics.filter(isDelta).flatMap(({ points }) => points)[0];
  return { time: first?.timeUnixNano ?? 0n, deltaStart: firstDelta?.startTimeUnixNano };
}

/** Sums the points of one metric that agree in their attributes. */
export function mergePoints(metric: NumberMetric, { time, deltaStart }: GroupTime): NumberMetric {
  const delta = isDelta(metric);
  const merged = new Map<string, NumberPoint>();
  for (const point of metric.points) {
    const start = delta && deltaStart !== undefined ? deltaStart : point.startTimeUnixNano;
    const timed = { ...point, timeUnixNano: time, startTimeUnixNano: start };
    const key = attributesKey(point.attributes);
    const sum = merged.get(key);
    merged.set(key, sum === undefined ? timed : add(sum, timed));
  }
  return { ...metric, points: [...merged.values()] };
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

function isDelta(metric: NumberMetric): metric is Extract<Metric, { type: 'sum' }> {
  return metric.type === 'sum' && metric.temporality === 'delta';
}

function add(a: NumberPoint, b: NumberPoint): NumberPoint {
  const start = a.startTimeUnixNano < b.startTimeUnixNano ? a.startTimeUnixNano : b.startTimeUnixNano;
  return { ...a, value: sumOf(a.value ?? 0, b.value ?? 0), startTimeUnixNano: start };
}

function sumOf(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b);
}
