import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Piscina } from 'piscina';
import { Counter, Gauge } from 'prom-client';
import type { MetricsData } from '#lib/otlp';
import type { FleetParameters, PreviewReport, PreviewRequest } from '#lib/pipelines';
import { METRICS, SHUTDOWN, type Metrics, type ProblemError, type Shutdown } from '#lib/platform';
import { refusal } from '../http/edge-error.js';
import type {
  PackedRecording,
  PreviewAnswer,
  PreviewData,
  PreviewTask,
  RecordTask,
  SampleAnswer,
  Task,
} from './worker.js';

export interface WorkerLimits {
  readonly deadlineMs: number;
  /** Previews that wait while all threads work. */
  readonly queued: number;
  readonly threads: number;
}

export const WORKER_LIMITS = Symbol('WORKER_LIMITS');

/** One processor stays with the event loop. */
const usual: WorkerLimits = {
  // Below the patience of our own client.
  deadlineMs: 12_000,
  queued: 8,
  threads: Math.max(1, Math.min(4, availableParallelism() - 1)),
};
/** Threads that nobody needs end, and with them what they have decoded. */
const IDLE_MS = 300_000;
const MEMORY_MIB = 1_024;

/** Plays pipelines in threads of their own, few at a time. */
@Injectable()
export class PreviewWorkers {
  private pool: Piscina | undefined;
  /** Previews that run or wait. */
  private asked = 0;
  private readonly limits: WorkerLimits;

  private readonly ended: Counter<'outcome'>;
  private readonly inFlight: Gauge;

  constructor(
    @Inject(SHUTDOWN) shutdown: Pick<Shutdown, 'on'>,
    @Inject(METRICS) metrics: Pick<Metrics, 'registry'>,
    @Optional() @Inject(WORKER_LIMITS) limits?: Partial<WorkerLimits>,
  ) {
    this.limits = { ...usual, ...limits };
    this.inFlight = new Gauge({
      name: 'phoenix_previews_in_flight',
      help: 'Previews and made-up recordings that run or wait.',
      registers: [metrics.registry],
    });
    this.ended = new Counter({
      name: 'phoenix_previews_total',
      help: 'Previews and made-up recordings by outcome: done, failed, abandoned, too-slow, or refused as too many.',
      labelNames: ['outcome'] as const,
      registers: [metrics.registry],
    });
    shutdown.on('finish-in-flight', 'preview workers', async () => this.pool?.destroy());
  }

  /**
   * @param signal aborted when nobody waits for the answer any more; the thread is stopped then
   * @throws ProblemError `too-many-previews`, `preview-too-slow`, `recording-damaged`,
   *   `recordings-not-mergeable`
   */
  async preview(request: PreviewRequest, data: PreviewData, signal: AbortSignal): Promise<PreviewReport> {
    const task: PreviewTask = { kind: 'preview', request, data };
    const answer = (await this.run(task, signal)) as PreviewAnswer;
    if ('report' in answer) return answer.report;
    if ('notMergeable' in answer)
      throw refusal(
        'recordings-not-mergeable',
        answer.notMergeable,
        'Record the hosts for the same time, each once.',
      );
    throw damaged(answer.damaged);
  }

  /**
   * What hosts sent in one window of a recording, to try filters on.
   * @throws ProblemError `too-many-previews`, `preview-too-slow`, `recording-damaged`
   */
  async sample(bytes: Uint8Array): Promise<MetricsData> {
    const answer = (await this.run({ kind: 'sample', bytes }, new AbortController().signal)) as SampleAnswer;
    if ('sample' in answer) return answer.sample;
    throw damaged(answer.damaged);
  }

  /** @throws ProblemError `too-many-previews`, `preview-too-slow` */
  async record(fleet: FleetParameters, about: RecordTask['about']): Promise<PackedRecording> {
    return (await this.run(
      { kind: 'record', fleet, about },
      new AbortController().signal,
    )) as PackedRecording;
  }

  private async run(task: Task, signal: AbortSignal): Promise<unknown> {
    const { deadlineMs, queued, threads } = this.limits;
    if (this.asked >= threads + queued) throw this.refused('refused');
    const deadline = AbortSignal.timeout(deadlineMs);
    this.inFlight.set(++this.asked);
    try {
      const pool = (this.pool ??= this.start());
      const answer: unknown = await pool.run(task, { signal: AbortSignal.any([signal, deadline]) });
      this.ended.inc({ outcome: 'done' });
      return answer;
    } catch (error) {
      if (signal.aborted) throw this.refused('abandoned');
      if (deadline.aborted) throw this.refused('too-slow');
      this.ended.inc({ outcome: 'failed' });
      throw error;
    } finally {
      this.inFlight.set(--this.asked);
    }
  }

  private refused(outcome: 'refused' | 'abandoned' | 'too-slow'): ProblemError {
    this.ended.inc({ outcome });
    switch (outcome) {
      case 'refused':
        return refusal(
          'too-many-previews',
          'As many previews as can wait are waiting.',
          'Try again in a few seconds.',
        );
      case 'abandoned':
        // Nobody hears this one; it keeps a mere good-bye from looking like a fault in the log.
        return refusal('preview-abandoned', 'Whoever asked has gone.');
      case 'too-slow':
        return refusal(
          'preview-too-slow',
          `There was no result within ${this.limits.deadlineMs / 1000} s.`,
          'Use fewer hosts, processes or seconds.',
        );
    }
  }

  private start(): Piscina {
    return new Piscina({
      filename: workerFile(),
      name: 'work',
      minThreads: 0,
      maxThreads: this.limits.threads,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
    });
  }
}

function damaged(detail: string): ProblemError {
  return refusal('recording-damaged', detail, 'Record it again.');
}

/** The compiled file: threads run what the build has made, also under a test runner that runs the sources. */
function workerFile(): string {
  return fileURLToPath(new URL('worker.js', import.meta.url)).replace(
    /(?<!\/dist)\/apps\/command-api\/src\//,
    '/dist/apps/command-api/src/',
  );
}
