import type { Metric, MetricsData, Resource, ScopeMetrics } from '#lib/otlp';

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
        .map((inScope) => changed(inScope, change))
        .filter(({ metrics }) => metrics.length > 0);
      return { resource: item.resource, scopeMetrics, schemaUrl: item.schemaUrl };
    })
    .filter(({ scopeMetrics }) => scopeMetrics.length > 0);
  return { resourceMetrics };
}

export function filterMetrics(data: MetricsData, keep: (metric: Metric) => boolean): MetricsData {
  return mapMetrics(data, () => (metric) => (keep(metric) ? metric : undefined));
}

/** The same object where nothing has changed, so that what is known of it stays known. */
function changed(inScope: ScopeMetrics, change: Change): ScopeMetrics {
  const { metrics, schemaUrl, scope } = inScope;
  const left: Metric[] = [];
  let isSame = true;
  for (const metric of metrics) {
    const made = change(metric);
    if (made !== metric) isSame = false;
    if (made !== undefined) left.push(made);
  }
  return isSame ? inScope : { scope, metrics: left, schemaUrl };
}

/** Every metric changed in its place; nothing is taken out. */
export function eachMetric(data: MetricsData, change: (metric: Metric) => Metric): MetricsData {
  return {
    resourceMetrics: data.resourceMetrics.map(({ resource, schemaUrl, scopeMetrics }) => ({
      ...{ resource, schemaUrl },
      scopeMetrics: scopeMetrics.map((inScope) => changed(inScope, change)),
    })),
  };
}
