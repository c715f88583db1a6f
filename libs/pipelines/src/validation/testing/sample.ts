import type { Attribute, Metric, MetricsData } from '#lib/otlp';

const attributes = (values: Readonly<Record<string, string | bigint>>): readonly Attribute[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const gauge = (name: string, states: readonly string[]): Metric => ({
  name,
  description: '',
  unit: '',
  metadata: [],
  type: 'gauge',
  points: states.map((state) => ({
    attributes: attributes({ state }),
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
    flags: 0,
    value: 1,
    exemplars: [],
  })),
});

const process = (name: string, pid: bigint) => ({
  resource: {
    attributes: attributes({ 'process.executable.name': name, 'process.pid': pid }),
    droppedAttributesCount: 0,
  },
  scopeMetrics: [
    {
      scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0 },
      metrics: [gauge('process.cpu.time', ['user', 'system']), gauge('process.threads', ['all'])],
      schemaUrl: '',
    },
  ],
  schemaUrl: '',
});

/** Two processes with two metrics each: three points of a process, six in all. */
export const sample: MetricsData = { resourceMetrics: [process('nginx', 1n), process('postgres', 2n)] };
