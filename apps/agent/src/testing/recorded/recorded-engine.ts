import { randomBytes } from 'node:crypto';
import type { Clock } from '#lib/agent-core';
import { encodeMetrics } from '#lib/otlp';
import type { Collector, CollectorEngine, CollectorSpec } from '../../collectors/collector.js';
import type { Metering } from '../../meter/metering.js';

/** An engine without processes: a collector works as soon as it was started, and ends with its agent. */
export class RecordedEngine implements CollectorEngine {
  readonly kind = 'builtin';
  readonly version = 'recorded';

  constructor(
    private readonly metering: Metering,
    private readonly clock: Clock,
  ) {}

  validate(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  start(spec: CollectorSpec): Promise<Collector> {
    const collector = recordedCollector(spec);
    this.metering.admit(collector.admission);
    // The meter takes only what is newer than the admission, and counts in milliseconds.
    const timeUnixNano = BigInt(this.clock.now() + 1) * 1_000_000n;
    this.metering.tap(collector.admission.token, encodeMetrics(onePoint(timeUnixNano)));
    return Promise.resolve(collector);
  }

  survivors(): Promise<readonly Collector[]> {
    return Promise.resolve([]);
  }
}

/** What a host believes to be a running collector. @param lastLines what its log says */
export function recordedCollector(
  spec: CollectorSpec,
  lastLines: Collector['logTail'] = () => Promise.resolve([]),
): Collector {
  const { configHash, rendered, variant } = spec;
  const instance = `${variant}-${configHash.slice(0, 8)}-${randomBytes(4).toString('hex')}`;
  const token = randomBytes(12).toString('hex');
  let end = (_reason: string): void => undefined;
  const exited = new Promise<string>((resolve) => (end = resolve));
  return {
    ...{ instance, spec, pid: process.pid, isAdopted: false, telemetryPort: undefined, exited },
    admission: { instance, variant, configHash, intervalSeconds: rendered.intervalSeconds, token },
    stop: () => {
      end('stopped');
      return Promise.resolve();
    },
    logTail: lastLines,
    tidy: () => Promise.resolve(),
  };
}

function onePoint(timeUnixNano: bigint): Parameters<typeof encodeMetrics>[0] {
  const point = { attributes: [], startTimeUnixNano: 0n, timeUnixNano, flags: 0, value: 1, exemplars: [] };
  const words = { name: 'up', description: '', unit: '1', metadata: [] };
  const scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };
  const metrics = [{ ...words, type: 'gauge' as const, points: [point] }];
  const resource = { attributes: [], droppedAttributesCount: 0 };
  return {
    resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope, schemaUrl: '', metrics }] }],
  };
}
