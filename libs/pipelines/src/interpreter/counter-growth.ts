import type { Metric, NumberPoint } from '#lib/otlp';
import { processCounterNames } from '../spec/process-metrics.js';
import { attributesKey } from './keys.js';
import { timeText, type CounterReading, type InterpreterMemory } from './memory.js';

const counters: ReadonlySet<string> = new Set(processCounterNames);

/** Readings of one process, being replaced while a scrape is worked through. */
export type GrowthMemory = Pick<InterpreterMemory, 'startedAt'> & {
  readonly readings: Map<string, CounterReading>;
};

/**
 * The growth of a process's counters since the last scrape, after the stock `cumulativetodelta` processor with
 * `initial_value: auto`: a first reading counts only where its process began after the pipeline did.
 * Metrics other than counters pass as they are; `undefined` where no point is left.
 */
export function counterGrowth(metric: Metric, memory: GrowthMemory): Metric | undefined {
  if (!isCounter(metric)) return metric;
  const points = metric.points.map((point) => growth(point, seriesKey(metric, point), memory));
  const left = points.filter((point) => point !== undefined);
  return left.length === 0 ? undefined : { ...metric, temporality: 'delta', points: left };
}

function isCounter(metric: Metric): metric is Extract<Metric, { type: 'sum' }> {
  return (
    metric.type === 'sum' &&
    metric.monotonic &&
    metric.temporality === 'cumulative' &&
    counters.has(metric.name)
  );
}

function growth(point: NumberPoint, key: string, memory: GrowthMemory): NumberPoint | undefined {
  const { value, startTimeUnixNano, timeUnixNano } = point;
  const before = memory.readings.get(key);
  if (value === null || (point.flags & noRecordedValue) !== 0) return undefined;
  if (Number.isNaN(value)) return point;
  memory.readings.set(key, { value, timeUnixNano });
  if (before === undefined) {
    const bornHere = startTimeUnixNano >= memory.startedAt && timeUnixNano !== startTimeUnixNano;
    return bornHere ? point : undefined;
  }
  if (value < before.value) return undefined;
  return { ...point, value: difference(value, before.value), startTimeUnixNano: before.timeUnixNano };
}

const noRecordedValue = 1;

// The start time belongs to the key: a process that took over a pid is another series.
function seriesKey({ name, unit }: Metric, { attributes, startTimeUnixNano, value }: NumberPoint): string {
  return `${name}\n${unit}\n${typeof value} ${timeText(startTimeUnixNano)}\n${attributesKey(attributes)}`;
}

function difference(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === 'bigint' && typeof b === 'bigint' ? a - b : Number(a) - Number(b);
}
