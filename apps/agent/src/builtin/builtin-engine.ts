import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import { encodeMetrics, type MetricsData } from '#lib/otlp';
import { defaultDestination, freshMemory, interpret, type InterpretedPipeline } from '#lib/pipelines';
import type { Backend, Backends } from '../collectors/backend.js';
import {
  CollectorError,
  type Collector,
  type CollectorEngine,
  type CollectorSpec,
} from '../collectors/collector.js';
import { findSurvivors } from '../collectors/survivors.js';
import type { Metering } from '../meter/metering.js';
import { AGENT_VERSION } from '../version.js';
import { interpretable } from './interpreted-pipeline.js';
import { scrapeProcesses } from './scrape-processes.js';

export type BuiltinOptions = {
  readonly folder: string;
  readonly backends: Backends;
  readonly metering: Metering;
  readonly clock: Clock;
  readonly log: Log;
};

const zip = promisify(gzip);
const SEND_BUDGET_MS = 5_000;

/**
 * Stands in on a host without a collector: a scraper and the interpreter inside the agent. Its points go the same
 * way as a collector's, but its CPU is the agent's own, so none is told for it.
 */
export class BuiltinEngine implements CollectorEngine {
  readonly kind = 'builtin';
  readonly version = AGENT_VERSION;

  constructor(private readonly options: BuiltinOptions) {}

  validate({ rendered }: CollectorSpec): Promise<string | undefined> {
    const found = interpretable(rendered);
    if ('reason' in found) return Promise.resolve(found.reason);
    const isPlain = this.backendFor(rendered)?.destination.kind !== 'profile';
    return Promise.resolve(
      isPlain ? undefined : 'the built-in collector sends to PHOENIX_BACKEND_OTLP only; it needs a real one',
    );
  }

  start(spec: CollectorSpec): Promise<Collector> {
    const found = interpretable(spec.rendered);
    if ('reason' in found) return Promise.reject(new CollectorError('collector-missing', found.reason));
    const { selection } = spec;
    const collector = this.collector(spec);
    this.options.metering.admit(collector.admission);
    const stop = new AbortController();
    const done = this.run({ ...found.pipeline, ...(selection && { selection }) }, collector, stop.signal);
    return Promise.resolve({
      ...collector,
      exited: done.then(() => 'stopped'),
      stop: async () => {
        stop.abort();
        await done;
      },
    });
  }

  /** Nothing of a built-in collector survives its agent; real ones that an earlier agent left are ended. */
  survivors(): Promise<readonly Collector[]> {
    const { clock, folder, log } = this.options;
    return findSurvivors({ folder, wanted: [], meterPort: 0, clock, log, admit: () => undefined });
  }

  private backendFor({ destination = defaultDestination }: CollectorSpec['rendered']): Backend | undefined {
    return this.options.backends.get(destination);
  }

  private collector(spec: CollectorSpec): Omit<Collector, 'exited' | 'stop'> {
    const { configHash, rendered, variant } = spec;
    const instance = `${variant}-${configHash.slice(0, 8)}-${randomBytes(4).toString('hex')}`;
    const token = randomBytes(24).toString('base64url');
    return {
      ...{ instance, spec, pid: process.pid, isAdopted: false, telemetryPort: undefined },
      admission: { instance, variant, configHash, intervalSeconds: rendered.intervalSeconds, token },
      logTail: () => Promise.resolve(['the built-in collector writes no log of its own']),
      tidy: () => Promise.resolve(),
    };
  }

  private async run(
    pipeline: InterpretedPipeline,
    collector: Omit<Collector, 'exited' | 'stop'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.options;
    const interval = collector.admission.intervalSeconds * 1000;
    const { source } = pipeline.spec;
    const metrics = (source.kind === 'hostmetrics' ? source.processMetrics : undefined) ?? [];
    let memory = freshMemory(BigInt(clock.now()) * 1_000_000n);
    for (;;) {
      const now = clock.now();
      await clock.sleep(interval - (now % interval), signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const scrape = scrapeProcesses(metrics, clock.now());
        const result = interpret(pipeline, scrape, memory);
        memory = result.memory;
        await this.send(collector, scrape, result.data);
      } catch (error) {
        log.warn({ instance: collector.instance, reason: reasonOf(error) }, 'built-in scrape failed');
      }
    }
  }

  private async send(
    { admission, spec }: Omit<Collector, 'exited' | 'stop'>,
    scrape: MetricsData,
    data: MetricsData,
  ): Promise<void> {
    const { metering } = this.options;
    const backend = this.backendFor(spec.rendered);
    const body = encodeMetrics(data);
    if (spec.rendered.control !== undefined) metering.tap(admission.token, encodeMetrics(scrape));
    metering.record(admission.token, { body, wireBytes: body.length });
    if (spec.role === 'live' && backend !== undefined) await sendTo(backend, body);
  }
}

async function sendTo({ destination, headers }: Backend, body: Uint8Array): Promise<void> {
  if (destination.kind === 'profile') throw new Error('this destination needs a real collector');
  const response = await fetch(`${destination.endpoint.replace(/\/$/, '')}/v1/metrics`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
    body: new Uint8Array(await zip(body)),
    signal: AbortSignal.timeout(SEND_BUDGET_MS),
  });
  if (!response.ok) throw new Error(`the backend answered ${response.status}`);
}
