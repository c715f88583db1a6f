import type { Attribute, Metric, MetricsData, NumberPoint, ResourceMetrics, Scope } from '#lib/otlp';

/** One process as a scrape finds it. Times are epoch nanoseconds. */
export type ProcessState = {
  readonly pid: number;
  readonly executable: string;
  readonly parentPid?: number;
  readonly startedAt: bigint;
  readonly readAt: bigint;
  readonly cpuSeconds: number;
  readonly diskBytes: bigint;
  readonly memoryBytes: bigint;
};

/** What the process scraper of the collector makes of these processes, in the model. */
export function scrapeOf(processes: readonly ProcessState[]): MetricsData {
  return { resourceMetrics: processes.map(processResource) };
}

/** A resource that is no process: pipelines for processes must leave it alone. */
export function markerResource(value: bigint): ResourceMetrics {
  const metric: Metric = {
    ...described('marker', '1'),
    type: 'gauge',
    points: [point({ value, time: value, start: 0n })],
  };
  return resourceMetrics([{ key: 'marker', value: true }], [metric]);
}

function processResource(process: ProcessState): ResourceMetrics {
  const { pid, executable, parentPid = 1, startedAt: start, readAt: time } = process;
  const at = (value: number | bigint, attributes: readonly Attribute[] = []): NumberPoint =>
    point({ value, time, start, attributes });
  return resourceMetrics(
    [
      { key: 'process.pid', value: BigInt(pid) },
      { key: 'process.parent_pid', value: BigInt(parentPid) },
      { key: 'process.executable.name', value: executable },
      { key: 'process.executable.path', value: `/usr/bin/${executable}` },
      { key: 'process.command', value: `/usr/bin/${executable}` },
      { key: 'process.command_line', value: `/usr/bin/${executable} --worker ${pid}` },
      { key: 'process.owner', value: pid % 2 === 0 ? 'root' : 'app' },
    ],
    [
      sum('process.cpu.time', 's', true, [
        at(process.cpuSeconds, [{ key: 'state', value: 'user' }]),
        at(process.cpuSeconds / 4, [{ key: 'state', value: 'system' }]),
      ]),
      sum('process.disk.io', 'By', true, [at(process.diskBytes, [{ key: 'direction', value: 'read' }])]),
      sum('process.memory.usage', 'By', false, [at(process.memoryBytes)]),
    ],
  );
}

const scope: Scope = { name: 'process-scraper', version: '1', attributes: [], droppedAttributesCount: 0 };

function resourceMetrics(attributes: readonly Attribute[], metrics: readonly Metric[]): ResourceMetrics {
  return {
    resource: { attributes, droppedAttributesCount: 0 },
    schemaUrl: '',
    scopeMetrics: [{ scope, schemaUrl: '', metrics }],
  };
}

function sum(name: string, unit: string, monotonic: boolean, points: readonly NumberPoint[]): Metric {
  return { ...described(name, unit), type: 'sum', temporality: 'cumulative', monotonic, points };
}

function described(name: string, unit: string): Pick<Metric, 'name' | 'unit' | 'description' | 'metadata'> {
  return { name, unit, description: '', metadata: [] };
}

type PointInput = {
  readonly value: number | bigint;
  readonly time: bigint;
  readonly start: bigint;
  readonly attributes?: readonly Attribute[];
};

function point({ value, time, start, attributes = [] }: PointInput): NumberPoint {
  return { value, timeUnixNano: time, startTimeUnixNano: start, attributes, flags: 0, exemplars: [] };
}
