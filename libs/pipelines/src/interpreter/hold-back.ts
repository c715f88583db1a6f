import type { Metric, MetricsData, ResourceMetrics, Scope } from '#lib/otlp';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import type { Interpretation } from './interpretation.js';
import { attributesKey, scopeKey } from './keys.js';
import { got, type Level } from './level.js';
import { filterMetrics } from './filter-metrics.js';
import { timeOf } from './memory.js';
import { once } from './once.js';
import type { Point } from './points.js';

/**
 * The newest point of each series in an interval, after the stock `interval` processor. Intervals are counted from
 * the start of the pipeline by the times of the points, and what was held leaves with the first request of the next.
 */
export function holdBack(
  { data, memory }: Interpretation,
  processor: ProcessorOf<'interval'>,
  place: number,
): Interpretation {
  const length = BigInt(processor.seconds) * 1_000_000_000n;
  const held = memory.held.get(place) ?? { intervals: 0n, data: nothing };
  const elapsed = (timeOf(data) - memory.startedAt) / length;
  const isOver = elapsed > held.intervals;
  const isHeld = (metric: Metric): boolean => holds(metric, processor.pass);
  const kept = newest(isOver ? nothing : held.data, filterMetrics(data, isHeld));
  const passing = filterMetrics(data, (metric) => !isHeld(metric));
  const released = isOver ? held.data.resourceMetrics : [];
  return {
    data: { resourceMetrics: [...released, ...passing.resourceMetrics] },
    memory: {
      ...memory,
      held: new Map([...memory.held, [place, { intervals: isOver ? elapsed : held.intervals, data: kept }]]),
    },
  };
}

const nothing: MetricsData = { resourceMetrics: [] };

function holds(metric: Metric, pass: ProcessorOf<'interval'>['pass']): boolean {
  switch (metric.type) {
    case 'gauge':
      return !pass.includes('gauges');
    case 'summary':
      return !pass.includes('summaries');
    case 'sum':
      return metric.monotonic && metric.temporality === 'cumulative';
    case 'histogram':
    case 'exponentialHistogram':
      return metric.temporality === 'cumulative';
    case 'unset':
      return false;
  }
}

/** Metrics by their identity, in their order, each with its points by the identity of their series. */
type Entry = { readonly metric: Metric; readonly points: Map<string, Point> };
type Scoped = {
  readonly inScope: ResourceMetrics['scopeMetrics'][number];
  readonly metrics: Level<Entry>;
};
type Owned = { readonly item: ResourceMetrics; readonly scopes: Level<Scoped> };

/** What is held, with the points of a request that are newer. What stands beside points is as it first came. */
function newest(held: MetricsData, request: MetricsData): MetricsData {
  const owners: Level<Owned> = new Map();
  for (const item of [...held.resourceMetrics, ...request.resourceMetrics]) {
    const { scopes } = got(owners, attributesKey(item.resource.attributes), () => ({
      item,
      scopes: new Map<string, Scoped>(),
    }));
    for (const inScope of item.scopeMetrics) {
      const { metrics } = got(scopes, wholeScopeKey(inScope.scope), () => ({
        inScope,
        metrics: new Map<string, Entry>(),
      }));
      for (const metric of inScope.metrics)
        take(
          got(metrics, metricKey(metric), () => fresh(metric)),
          metric,
        );
    }
  }
  return { resourceMetrics: [...owners.values()].map(written) };
}

function fresh(metric: Metric): Entry {
  return { metric, points: new Map() };
}

function take({ points }: Entry, metric: Metric): void {
  for (const point of metric.points) {
    const key = attributesKey(point.attributes);
    const before = points.get(key);
    if (before === undefined || point.timeUnixNano > before.timeUnixNano) points.set(key, point);
  }
}

function written({ item, scopes }: Owned): ResourceMetrics {
  const scopeMetrics = [...scopes.values()].map(({ inScope, metrics }) => ({
    ...inScope,
    metrics: [...metrics.values()].map(
      // Every point comes from a metric of this type, which the union of metrics cannot say.
      ({ metric, points }) => ({ ...metric, metadata: [], points: [...points.values()] }) as Metric,
    ),
  }));
  return { ...item, scopeMetrics };
}

/** With its length before it, a name cannot run into the unit behind. */
function metricKey(metric: Metric): string {
  const { name, type, unit } = metric;
  const shape = metric.type === 'sum' ? `${metric.monotonic} ${metric.temporality}` : '';
  return `${type} ${shape} ${name.length} ${name}${unit}`;
}

const wholeScopeKey = once((scope: Scope) => `${scopeKey(scope)}\n${attributesKey(scope.attributes)}`);
