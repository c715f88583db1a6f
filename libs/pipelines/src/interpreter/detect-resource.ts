import type { MetricsData, Resource } from '#lib/otlp';
import type { ProcessorOf } from '../spec/pipeline-spec.js';

/** What a collector's detectors find on a host, by attribute. */
export type DetectedAttributes = Readonly<Record<string, string>>;

/** Every resource with what was detected, after the stock `resourcedetection` processor. */
export function detected(
  data: MetricsData,
  found: DetectedAttributes,
  { override }: ProcessorOf<'resourceDetection'>,
): MetricsData {
  const added = Object.entries(found).map(([key, value]) => ({ key, value }));
  const keys = new Set(Object.keys(found));
  const withFound = (resource: Resource): Resource => {
    const own = new Set(resource.attributes.map(({ key }) => key));
    const attributes = override
      ? [...resource.attributes.filter(({ key }) => !keys.has(key)), ...added]
      : [...resource.attributes, ...added.filter(({ key }) => !own.has(key))];
    return { ...resource, attributes };
  };
  return {
    resourceMetrics: data.resourceMetrics.map((item) => ({ ...item, resource: withFound(item.resource) })),
  };
}
