import type { HistogramPoint, Metric, NumberPoint } from '#lib/otlp';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { meetingKey } from './meeting-key.js';
import { putTogether, type Aggregation } from './put-together.js';

type Gauges = ProcessorOf<'aggregateAttributes'>['gauges'];

/** Merges the points of a metric that meet, after the aggregation of the stock transform processor. */
export function aggregate(metric: Metric, gauges: Gauges): Metric {
  switch (metric.type) {
    case 'gauge':
      return { ...metric, metadata: [], points: numbers(metric.points, gauges, false) };
    case 'sum':
      return {
        ...metric,
        metadata: [],
        points: numbers(metric.points, 'sum', metric.temporality === 'delta'),
      };
    case 'histogram':
      return { ...metric, metadata: [], points: histograms(metric.points, metric.temporality === 'delta') };
    case 'exponentialHistogram':
    case 'summary':
    case 'unset':
      return metric;
  }
}

export function isMergeable({ type }: Metric): boolean {
  return type === 'gauge' || type === 'sum' || type === 'histogram';
}

/** Growth of different spans is not added up: the start belongs to what points have in common. */
function numbers(points: readonly NumberPoint[], how: Aggregation, byStart: boolean): readonly NumberPoint[] {
  if (points.length < 2) return points;
  const groups = grouped(points, (point) => meetingKey(point, byStart ? [point.startTimeUnixNano] : []));
  return groups.map(([first, ...others]) => putTogether(first, others, how));
}

function histograms(points: readonly HistogramPoint[], byStart: boolean): readonly HistogramPoint[] {
  const groups = grouped(points, (point) => {
    const start = byStart ? [point.startTimeUnixNano] : [];
    return meetingKey(point, [
      [...point.explicitBounds],
      [...start, point.min !== null, point.max !== null, BigInt(point.flags)],
    ]);
  });
  return groups.map(([first, ...others]) => others.filter(({ count }) => count > 0).reduce(merged, first));
}

function merged(into: HistogramPoint, other: HistogramPoint): HistogramPoint {
  const { startTimeUnixNano: start } = other;
  // Points meet with and without extremes where their attributes are no JSON; what is absent reads as zero then.
  const [min, max] = [other.min ?? 0, other.max ?? 0];
  return {
    ...into,
    count: into.count + other.count,
    sum: (into.sum ?? 0) + (other.sum ?? 0),
    min: into.min !== null && into.min > min ? min : into.min,
    max: into.max !== null && into.max < max ? max : into.max,
    bucketCounts: into.bucketCounts.map((count, index) => count + (other.bucketCounts[index] ?? 0)),
    exemplars: [...into.exemplars, ...other.exemplars],
    startTimeUnixNano: start < into.startTimeUnixNano ? start : into.startTimeUnixNano,
  };
}

function grouped<P>(points: readonly P[], key: (point: P) => string): readonly (readonly [P, ...P[]])[] {
  const groups = new Map<string, [P, ...P[]]>();
  for (const point of points) {
    const name = key(point);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [point]);
    else group.push(point);
  }
  return [...groups.values()];
}
