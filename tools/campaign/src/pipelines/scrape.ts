import { attributeValue, type Metric, type MetricsData, type Resource } from '#lib/otlp';

/** What is remembered of one request that a pipeline sent; pipelines here send each scrape as one. */
export interface Scrape {
  /** When it came, ms of this process's clock. */
  readonly at: number;
  readonly series: number;
  readonly points: number;
  /** Single processes in it. */
  readonly pids: ReadonlySet<number>;
  readonly metrics: ReadonlySet<string>;
}

export function scrapeOf({ resourceMetrics }: MetricsData, at: number): Scrape {
  const series = new Set<string>();
  const metrics = new Set<string>();
  let points = 0;
  for (const { resource, scopeMetrics } of resourceMetrics)
    for (const metric of scopeMetrics.flatMap((inScope) => inScope.metrics)) {
      metrics.add(metric.name);
      points += metric.points.length;
      for (const key of seriesIn(resource, metric)) series.add(key);
    }
  const pids = resourceMetrics.map(({ resource }) => attributeValue(resource.attributes, 'process.pid'));
  return {
    ...{ at, points, metrics, series: series.size },
    pids: new Set(pids.filter((pid) => typeof pid === 'bigint').map(Number)),
  };
}

function seriesIn(resource: Resource, { name, points }: Metric): readonly string[] {
  const owner = keyOf(resource.attributes);
  return points.map(({ attributes }) => `${owner} ${name} ${keyOf(attributes)}`);
}

function keyOf(attributes: Resource['attributes']): string {
  return attributes
    .map(({ key, value }) => `${key}=${typeof value === 'bigint' ? value : JSON.stringify(value)}`)
    .sort()
    .join('\u0000');
}
