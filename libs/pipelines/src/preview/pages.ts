import { attributeValue, type MetricsData, type ResourceMetrics } from '#lib/otlp';

/** The scope of what the collector's receiver says of each page that it reads or cannot read, such as `up`. */
const RECEIVER = 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver';

/** The targets, by `host:port`, whose pages a scrape holds. */
export function targetsIn({ resourceMetrics }: MetricsData): readonly string[] {
  return resourceMetrics.filter(isPage).map(targetOf);
}

/** The pages of these targets in a scrape. */
export function pagesOf(scrape: MetricsData, targets: readonly string[]): MetricsData {
  const wanted = new Set(targets);
  return {
    resourceMetrics: scrape.resourceMetrics.filter((item) => isPage(item) && wanted.has(targetOf(item))),
  };
}

/** A scrape without the pages in it. */
export function withoutPages(scrape: MetricsData): MetricsData {
  const { resourceMetrics } = scrape;
  return resourceMetrics.some(isPage)
    ? { resourceMetrics: resourceMetrics.filter((item) => !isPage(item)) }
    : scrape;
}

function isPage({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.some(({ scope }) => scope.name === RECEIVER);
}

/** The receiver's name for a target; a page cannot give another. */
function targetOf({ resource }: ResourceMetrics): string {
  const id = attributeValue(resource.attributes, 'service.instance.id');
  return typeof id === 'string' ? id : '';
}
