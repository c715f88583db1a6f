import type { Logger } from '../logging/logger.js';
import type { Clock } from './clock.js';

/** In this order; the steps of one phase run side by side. */
export const shutdownPhases = ['stop-intake', 'finish-in-flight', 'flush', 'drain'] as const;
export type ShutdownPhase = (typeof shutdownPhases)[number];

interface Step {
  readonly phase: ShutdownPhase;
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/**
 * How an app ends: readiness red, then phase after phase, each with a budget. A step that fails or is too slow is
 * logged and left behind, so that one stuck part never keeps the others from ending well.
 */
export class Shutdown {
  private steps: readonly Step[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly parts: {
      readonly clock: Pick<Clock, 'sleep'>;
      readonly logger: Logger;
      /** Called first, before anything stops. */
      readonly turnRed: () => void;
      readonly phaseBudgetMs: number;
    },
  ) {}

  /** Adds a step. Names appear in the log. */
  on(phase: ShutdownPhase, name: string, run: () => Promise<unknown>): void {
    this.steps = [...this.steps, { phase, name, run }];
  }

  /** Runs everything once; later calls wait for the same run. */
  run(): Promise<void> {
    this.running ??= this.runPhases();
    return this.running;
  }

  private async runPhases(): Promise<void> {
    this.parts.turnRed();
    for (const phase of shutdownPhases) {
      const steps = this.steps.filter((step) => step.phase === phase);
      await Promise.all(steps.map((step) => this.runStep(step)));
    }
  }

  private async runStep({ phase, name, run }: Step): Promise<void> {
    const { clock, logger, phaseBudgetMs } = this.parts;
    const done = new AbortController();
    const inTime = run().then(
      () => true,
      (error: unknown) => {
        logger.error({ err: error, phase, step: name }, 'shutdown step failed');
        return true;
      },
    );
    const tooSlow = clock.sleep(phaseBudgetMs, done.signal).then(() => false);
    const ended = await Promise.race([inTime, tooSlow]);
    done.abort();
    if (!ended) logger.warn({ phase, step: name, budgetMs: phaseBudgetMs }, 'shutdown step left behind');
  }
}
