import {
  encodeMetrics,
  type Attribute,
  type Metric,
  type NumberPoint,
  type ResourceMetrics,
} from '#lib/otlp';

export type ScrapedProcess = {
  readonly pid: number;
  readonly executable: string;
  readonly startedAt: number;
  /** Cumulative seconds by state. */
  readonly cpu?: Readonly<Record<string, number>>;
  readonly rss?: number;
  /** Names of further gauges with one series each. */
  readonly gauges?: readonly string[];
  readonly service?: string;
  readonly namespace?: string;
};

const nanos = (ms: number): bigint => BigInt(ms) * 1_000_000n;
const text = (key: string, value: string): Attribute => ({ key, value });

/** A request as the process scraper makes it: one resource per process. */
export function scrape(at: number, processes: readonly ScrapedProcess[], host = 'host-1'): Uint8Array {
  return encodeMetrics({ resourceMetrics: processes.map((process) => resourceOf(at, process, host)) });
}

function resourceOf(at: number, process: ScrapedProcess, host: string): ResourceMetrics {
  const attributes = [
    text('process.executable.name', process.executable),
    { key: 'process.pid', value: BigInt(process.pid) },
    ...(process.service === undefined ? [] : [text('service.name', process.service)]),
    ...(process.namespace === undefined ? [] : [text('service.namespace', process.namespace)]),
    ...(host === '' ? [] : [text('host.name', host)]),
  ];
  const scope = { name: 'process', version: '1', attributes: [], droppedAttributesCount: 0 };
  const metrics = metricsOf(at, process);
  return {
    resource: { attributes, droppedAttributesCount: 0 },
    scopeMetrics: [{ scope, metrics, schemaUrl: '' }],
    schemaUrl: '',
  };
}

function metricsOf(at: number, process: ScrapedProcess): Metric[] {
  const point = (value: number, attributes: readonly Attribute[] = []): NumberPoint => ({
    ...{ attributes, value, flags: 0, exemplars: [] },
    ...{ startTimeUnixNano: nanos(process.startedAt), timeUnixNano: nanos(at) },
  });
  const about = (name: string) => ({ name, description: '', unit: '1', metadata: [] });
  const metrics: Metric[] = (process.gauges ?? []).map((name) => ({
    ...about(name),
    type: 'gauge',
    points: [point(1)],
  }));
  const sum = { type: 'sum', temporality: 'cumulative' } as const;
  if (process.cpu !== undefined) {
    const points = Object.entries(process.cpu).map(([state, seconds]) =>
      point(seconds, [text('state', state)]),
    );
    metrics.push({ ...about('process.cpu.time'), ...sum, monotonic: true, points });
  }
  if (process.rss !== undefined) {
    metrics.push({
      ...about('process.memory.usage'),
      ...sum,
      monotonic: false,
      points: [point(process.rss)],
    });
  }
  return metrics;
}
