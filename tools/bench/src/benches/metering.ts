import { HostMeter, WINDOW_MS } from '#lib/metering';
import {
  encodeMetrics,
  MetricsReader,
  type Attribute,
  type Metric,
  type NumberPoint,
  type ResourceMetrics,
} from '#lib/otlp';
import { bench } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';

const PROCESSES = 40;
const METRICS_EACH = 10;
const POINTS_EACH = 20;
const POINTS = PROCESSES * METRICS_EACH * POINTS_EACH;
const ROUNDS = 9;
const REQUESTS = 20;

/** What counting costs on top of reading. */
export const meteringBench = bench({
  metrics: {
    'metering.points': {
      unit: 'points/s',
      goal: { kind: 'ratio', atLeast: 0.5 },
      what: `Requests of ${POINTS} points with 4 attributes counted and their windows closed, against decoding them with series identity.`,
    },
  },
  run: async () => {
    let windows = 0;
    const meter = new HostMeter('bench');
    const first = Math.ceil(Date.now() / WINDOW_MS) * WINDOW_MS;
    meter.attach({ variant: 'baseline', instance: 'one', configHash: 'hash' }, first);
    const bodies = Array.from({ length: REQUESTS }, (_, i) => request(first + i * WINDOW_MS));
    const rate = (take: (body: Uint8Array) => void): Promise<number> =>
      ratePerSecond(REQUESTS * POINTS, () => {
        bodies.forEach(take);
        return Promise.resolve();
      });
    const reader = new MetricsReader();
    const subject = (): Promise<number> =>
      rate((body) => {
        const at = first + (windows += 1) * WINDOW_MS;
        meter.record('one', body, body.length, at);
        meter.closeWindow(at, { clockOffsetMs: null, use: new Map() });
      });
    const ceiling = (): Promise<number> => rate((body) => reader.read(body, silent));
    return { 'metering.points': await alternate({ subject, ceiling }, ROUNDS) };
  },
});

const silent = { resource: () => undefined, metric: () => undefined, point: () => undefined };

function request(at: number): Uint8Array {
  return encodeMetrics({
    resourceMetrics: Array.from({ length: PROCESSES }, (_, pid) => processAt(pid, at)),
  });
}

function processAt(pid: number, at: number): ResourceMetrics {
  const attributes: readonly Attribute[] = [
    { key: 'host.name', value: 'bench' },
    { key: 'process.executable.name', value: `service-${pid}` },
    { key: 'process.pid', value: BigInt(1000 + pid) },
  ];
  const scope = { name: 'process', version: '1', attributes: [], droppedAttributesCount: 0 };
  const metrics = Array.from({ length: METRICS_EACH }, (_, i) => metricAt(i, at));
  return {
    resource: { attributes, droppedAttributesCount: 0 },
    scopeMetrics: [{ scope, metrics, schemaUrl: '' }],
    schemaUrl: '',
  };
}

/** The first two are those by which the meter follows what a process uses. */
function metricAt(index: number, at: number): Metric {
  const points = Array.from({ length: POINTS_EACH }, (_, i) => pointAt(i, at));
  const about = { description: '', unit: '1', metadata: [], points };
  const sum = { ...about, type: 'sum', temporality: 'cumulative' } as const;
  if (index === 0) return { ...sum, name: 'process.cpu.time', monotonic: true };
  if (index === 1) return { ...sum, name: 'process.memory.usage', monotonic: false };
  return { ...about, name: `process.figure.${index}`, type: 'gauge' };
}

function pointAt(i: number, at: number): NumberPoint {
  return {
    attributes: [
      { key: 'state', value: i % 2 === 0 ? 'user' : 'system' },
      { key: 'device', value: `disk-${i % 4}` },
      { key: 'direction', value: i % 3 === 0 ? 'read' : 'write' },
      { key: 'slot', value: BigInt(i) },
    ],
    ...{ value: at / 1000 + i, flags: 0, exemplars: [] },
    ...{ startTimeUnixNano: 0n, timeUnixNano: BigInt(at) * 1_000_000n },
  };
}
