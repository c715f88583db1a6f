import type { Metric } from '#lib/otlp';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { attributesKey, ownerKey } from './keys.js';
import { got } from './level.js';
import { freshByOwner, timeOf, timeText, type InterpreterMemory } from './memory.js';
import { picks } from './picking.js';
import { mapPoints, type Point } from './points.js';
import { pointGrowth, withoutExtremes } from './point-growth.js';
import type { Interpretation } from './interpretation.js';

/** Cumulative series turned into growth, after the stock `cumulativetodelta` processor with `initial_value: auto`. */
export function toDelta(
  { data, memory }: Interpretation,
  { metrics }: ProcessorOf<'cumulativeToDelta'>,
  place: number,
): Interpretation {
  const isNamed = metrics === undefined ? () => true : picks(metrics);
  const points = freshByOwner(memory.points, timeOf(data));
  const resourceMetrics = data.resourceMetrics
    .map((item) => {
      const scopeMetrics = item.scopeMetrics
        .map((inScope) => {
          const owner = ownerKey(item.resource.attributes, inScope.scope);
          const ofOwner = got(points, owner, () => new Map<string, Point>());
          const growing = { place, points: ofOwner, startedAt: memory.startedAt };
          const grown = inScope.metrics.map((metric) =>
            isCounting(metric) && isNamed(metric.name) ? growth(metric, growing) : metric,
          );
          return { ...inScope, metrics: grown.filter((metric) => metric !== undefined) };
        })
        .filter((inScope) => inScope.metrics.length > 0);
      return { ...item, scopeMetrics };
    })
    .filter(({ scopeMetrics }) => scopeMetrics.length > 0);
  return { data: { resourceMetrics }, memory: { ...memory, points } };
}

type Cumulative = Extract<Metric, { type: 'sum' | 'histogram' | 'exponentialHistogram' }>;

function isCounting(metric: Metric): metric is Cumulative {
  if (metric.type === 'sum') return metric.monotonic && metric.temporality === 'cumulative';
  const isHistogram = metric.type === 'histogram' || metric.type === 'exponentialHistogram';
  return isHistogram && metric.temporality === 'cumulative' && metric.points.length > 0;
}

type Growing = Pick<InterpreterMemory, 'startedAt'> & {
  readonly place: number;
  readonly points: Map<string, Point>;
};

function growth(metric: Cumulative, memory: Growing): Metric | undefined {
  const series = `${memory.place} ${metric.type} ${metric.name}\n${metric.unit}`;
  const grown = mapPoints(metric, (point) => {
    if ((point.flags & noRecordedValue) !== 0) return undefined;
    return grownSince(point, `${series}\n${ofPoint(point)}`, memory);
  });
  return grown.points.length === 0 ? undefined : ({ ...grown, temporality: 'delta' } as Metric);
}

const noRecordedValue = 1;

/** The start belongs to the series, and integers and doubles are different ones. */
function ofPoint(point: Point): string {
  const kind = 'value' in point ? typeof point.value : '';
  return `${kind} ${timeText(point.startTimeUnixNano)}\n${attributesKey(point.attributes)}`;
}

function grownSince(point: Point, key: string, memory: Growing): Point | undefined {
  if ('value' in point && typeof point.value === 'number' && Number.isNaN(point.value)) return point;
  const before = memory.points.get(key);
  if (before === undefined) {
    memory.points.set(key, point);
    const bornHere =
      point.startTimeUnixNano >= memory.startedAt && point.timeUnixNano !== point.startTimeUnixNano;
    return bornHere ? withoutExtremes(point) : undefined;
  }
  const { delta, remembered } = pointGrowth(point, before);
  memory.points.set(key, remembered);
  return delta && withoutExtremes({ ...delta, startTimeUnixNano: before.timeUnixNano });
}
