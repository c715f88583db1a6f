import type { AnyValue, Attribute, Metric, MetricsData } from '#lib/otlp';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { eachMetric } from './filter-metrics.js';
import { once } from './once.js';
import { mapPoints } from './points.js';

type On = 'point' | 'resource';
export type Change = (attributes: readonly Attribute[]) => readonly Attribute[];

/** The data with its attributes changed, those of every point or those of every resource. */
export function changeAttributes(data: MetricsData, on: On, change: Change): MetricsData {
  if (on === 'point') return eachMetric(data, (metric) => changePoints(metric, change));
  return {
    resourceMetrics: data.resourceMetrics.map((item) => ({
      ...item,
      resource: { ...item.resource, attributes: change(item.resource.attributes) },
    })),
  };
}

/** What is empty in these ways reads as nothing in the collector's language. */
export function isAbsent(value: AnyValue | undefined): value is null | undefined {
  return value === undefined || value === null || (value instanceof Uint8Array && value.length === 0);
}

/** Points and metrics whose attributes stay the same list stay the same objects. */
export function changePoints(metric: Metric, change: Change): Metric {
  const changed = mapPoints(metric, (point) => {
    const attributes = change(point.attributes);
    return attributes === point.attributes ? point : { ...point, attributes };
  });
  return changed.points.every((point, index) => point === metric.points[index]) ? metric : changed;
}

/** One renaming after another; the new key takes the place of what stood under it. */
export const renamed: (processor: ProcessorOf<'renameAttributes'>) => Change = once(({ renames }) =>
  once((attributes: readonly Attribute[]) =>
    renames.reduce((left, { from, to }) => {
      const found = left.find(({ key }) => key === from);
      if (found === undefined || isAbsent(found.value)) return left;
      return [...left.filter(({ key }) => key !== from && key !== to), { key: to, value: found.value }];
    }, attributes),
  ),
);
