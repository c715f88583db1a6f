import type { MetricsData, Resource } from '#lib/otlp';
import { detectedOn, type HostFacts } from '../render/host-facts.js';
import type { ProcessorOf } from '../spec/pipeline-spec.js';

/** Every resource with what is known of the host, as an agent writes it into the rendering. */
export function detected(
  data: MetricsData,
  facts: HostFacts,
  processor: ProcessorOf<'resourceDetection'>,
): MetricsData {
  const { override } = processor;
  const found = detectedOn(facts, processor);
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
