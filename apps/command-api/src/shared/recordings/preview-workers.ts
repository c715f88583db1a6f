import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { FleetParameters, PreviewReport, PreviewRequest, Recording } from '#lib/pipelines';
import { SHUTDOWN, type Shutdown } from '#lib/platform';
import { refusal } from '../http/edge-error.js';
import type { PreviewAnswer, PreviewData, PreviewTask, RecordTask } from './worker.js';

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

  constructor(
    @Inject(SHUTDOWN) shutdown: Shutdown,
    @Optional() @Inject(WORKER_LIMITS) limits?: Partial<WorkerLimits>,
  ) {
    this.limits = { ...usual, ...limits };
    shutdown.on('finish-in-flight', 'preview workers', async () => this.pool?.destroy());
  }

  /**
   * @param signal aborted when nobody waits for the answer any more; the thread is stopped then
   * @throws ProblemError `too-many-previews`, `preview-too-slow`, `recording-damaged`
   */
  async preview(request: PreviewRequest, data: PreviewData, signal: AbortSignal): Promise<PreviewReport> {
    const task: PreviewTask = { kind: 'preview', request, data };
    const answer = (await this.run(task, signal)) as PreviewAnswer;
    if ('report' in answer) return answer.report;
    throw refusal('recording-damaged', answer.damaged, 'Record it again.');
  }

  /** @throws ProblemError `too-many-previews`, `preview-too-slow` */
  async record(fleet: FleetParameters, about: RecordTask['about']): Promise<Recording> {
    return (await this.run({ kind: 'record', fleet, about }, new AbortController().signal)) as Recording;
  }

  private async run(task: PreviewTask | RecordTask, signal: AbortSignal): Promise<unknown> {
    const { deadlineMs, queued, threads } = this.limits;
    if (this.asked >= threads + queued)
      throw refusal(
        'too-many-previews',
        'As many previews as can wait are waiting.',
        'Try again in a few seconds.',
      );
    const deadline = AbortSignal.timeout(deadlineMs);
    this.asked++;
    try {
      return await (this.pool ??= this.start()).run(task, { signal: AbortSignal.any([signal, deadline]) });
    } catch (error) {
      // Nobody hears this one; it keeps a mere good-bye from looking like a fault in the log.
      if (signal.aborted) throw refusal('preview-abandoned', 'Whoever asked has gone.');
      if (!deadline.aborted) throw error;
      throw refusal(
        'preview-too-slow',
        `There was no result within ${deadlineMs / 1000} s.`,
        'Use fewer hosts, processes or seconds.',
      );
    } finally {
      this.asked--;
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

/** The compiled file: threads run what the build has made, also under a test runner that runs the sources. */
function workerFile(): string {
  return fileURLToPath(new URL('worker.js', import.meta.url)).replace(
    /(?<!\/dist)\/apps\/command-api\/src\//,
    '/dist/apps/command-api/src/',
  );
}
