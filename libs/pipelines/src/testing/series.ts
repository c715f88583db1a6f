import type { Metric, MetricsData, NumberPoint } from '#lib/otlp';
import { attributesKey, scopeKey } from '../interpreter/keys.js';

/** One point with the identity of its series. */
export type SeriesPoint = { readonly series: string; readonly metric: string; readonly point: NumberPoint };

/** Every number point of some requests. */
export function seriesPoints(requests: readonly MetricsData[]): readonly SeriesPoint[] {
  return requests.flatMap(({ resourceMetrics }) =>
    resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics.flatMap(({ scope, metrics }) =>
        metrics.flatMap((metric) =>
          numberPoints(metric).map((point) => ({
            series: [
              attributesKey(resource.attributes),
              scopeKey(scope),
              shape(metric),
              attributesKey(point.attributes),
            ].join(' | '),
            metric: metric.name,
            point,
          })),
        ),
      ),
    ),
  );
}

export function seriesOf(requests: readonly MetricsData[]): ReadonlySet<string> {
  return new Set(seriesPoints(requests).map(({ series }) => series));
}

/** One line for each point with its series, times and value, sorted: equal for equal outputs in any order. */
export function pointLines(requests: readonly MetricsData[]): readonly string[] {
  return seriesPoints(requests)
    .map(({ series, point }) => {
      const kind = typeof point.value === 'bigint' ? 'int' : 'double';
      return `${series} @ ${point.startTimeUnixNano}..${point.timeUnixNano} = ${kind} ${String(point.value)}`;
    })
    .sort();
}

function shape(metric: Metric): string {
  const sum = metric.type === 'sum' ? `${metric.temporality} ${metric.monotonic}` : '';
  return `${metric.name} [${metric.unit}] ${metric.type} ${sum}`;
}

function numberPoints(metric: Metric): readonly NumberPoint[] {
  return metric.type === 'sum' || metric.type === 'gauge' ? metric.points : [];
}
