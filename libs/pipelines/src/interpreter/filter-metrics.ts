import type { Metric, MetricsData, Resource } from '#lib/otlp';

type Change = (metric: Metric) => Metric | undefined;

/**
 * The metrics that `change` makes of those of each resource, in their places; `undefined` takes one out. Scopes and
 * resources that hold nothing afterwards go with it, as the stock filter processor has it.
 */
export function mapMetrics(data: MetricsData, changeOf: (resource: Resource) => Change): MetricsData {
  const resourceMetrics = data.resourceMetrics
    .map((item) => {
      const change = changeOf(item.resource);
      const scopeMetrics = item.scopeMetrics
        .map((inScope) => ({ ...inScope, metrics: changed(inScope.metrics, change) }))
        .filter(({ metrics }) => metrics.length > 0);
      return { ...item, scopeMetrics };
    })
    .filter(({ scopeMetrics }) => scopeMetrics.length > 0);
  return { resourceMetrics };
}

export function filterMetrics(data: MetricsData, keep: (metric: Metric) => boolean): MetricsData {
  return mapMetrics(data, () => (metric) => (keep(metric) ? metric : undefined));
}

function changed(metrics: readonly Metric[], change: Change): readonly Metric[] {
  return metrics.map(change).filter((metric) => metric !== undefined);
}

/** Every metric changed in its place; nothing is taken out. */
export function eachMetric(data: MetricsData, change: (metric: Metric) => Metric): MetricsData {
  return {
    resourceMetrics: data.resourceMetrics.map((item) => ({
      ...item,
      scopeMetrics: item.scopeMetrics.map((inScope) => ({
        ...inScope,
        metrics: inScope.metrics.map(change),
      })),
    })),
  };
}
