import {
  encodeMetrics,
  type Attribute,
  type Metric,
  type NumberPoint,
  type ResourceMetrics,
} from '#lib/otlp';

/** How much one request holds: every point is a series of its own, the same ones in every request. */
export interface Shape {
  readonly processes: number;
  readonly metricsEach: number;
  readonly pointsEach: number;
}

export function seriesOf({ processes, metricsEach, pointsEach }: Shape): number {
  return processes * metricsEach * pointsEach;
}

/** An export request as a scraper of processes makes it, with four attributes a point. @param at ms since the epoch */
export function scrape(shape: Shape, at: number, host = 'bench'): Uint8Array {
  const processes = Array.from({ length: shape.processes }, (_, i) =>
    processAt(shape, { at, host, index: i }),
  );
  return encodeMetrics({ resourceMetrics: processes });
}

function processAt(
  { metricsEach, pointsEach }: Shape,
  { at, host, index }: { readonly at: number; readonly host: string; readonly index: number },
): ResourceMetrics {
  const attributes: readonly Attribute[] = [
    { key: 'host.name', value: host },
    { key: 'process.executable.name', value: `service-${index}` },
    { key: 'process.pid', value: BigInt(1000 + index) },
  ];
  const points = Array.from({ length: pointsEach }, (_, i) => pointAt(i, at));
  const metrics = Array.from({ length: metricsEach }, (_, i) => metricOf(i, points));
  const scope = { name: 'process', version: '1', attributes: [], droppedAttributesCount: 0 };
  return {
    resource: { attributes, droppedAttributesCount: 0 },
    scopeMetrics: [{ scope, metrics, schemaUrl: '' }],
    schemaUrl: '',
  };
}

/** The first two are those by which the meter follows what a process uses. */
function metricOf(index: number, points: readonly NumberPoint[]): Metric {
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
