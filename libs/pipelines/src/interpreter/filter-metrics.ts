import type { Metric, MetricsData } from '#lib/otlp';

/**
 * Only the metrics that `change` gives, in their places; `undefined` takes one out. Scopes and resources that hold
 * nothing afterwards go with it, as the stock filter processor has it.
 */
export function mapMetrics(data: MetricsData, change: (metric: Metric) => Metric | undefined): MetricsData {
  const resourceMetrics = data.resourceMetrics
    .map((item) => {
      const scopeMetrics = item.scopeMetrics
        .map((inScope) => ({ ...inScope, metrics: changed(inScope.metrics, change) }))
        .filter(({ metrics }) => metrics.length > 0);
      return { ...item, scopeMetrics };
    })
    .filter(({ scopeMetrics }) => scopeMetrics.length > 0);
  return { resourceMetrics };
}

export function filterMetrics(data: MetricsData, keep: (metric: Metric) => boolean): MetricsData {
  return mapMetrics(data, (metric) => (keep(metric) ? metric : undefined));
}

function changed(
  metrics: readonly Metric[],
  change: (metric: Metric) => Metric | undefined,
): readonly Metric[] {
  return metrics.map(change).filter((metric) => metric !== undefined);
}
