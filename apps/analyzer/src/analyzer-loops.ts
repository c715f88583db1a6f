import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  CLOCK,
  HEALTH,
  LOGGER,
  NATS,
  readStreamInBatches,
  SHUTDOWN,
  systemClock,
  type Clock,
  type Health,
  type Logger,
  type Nats,
  type Shutdown,
} from '#lib/platform';
import type { BlockMaker } from './blocks/block-maker.js';
import { listenToBell } from './experiment-clock/conclusion-bell.js';
import type { ExperimentClock } from './experiment-clock/experiment-clock.js';
import type { ExperimentBook } from './shared/experiment-book.js';
import { metricsHead } from './windows/metrics-head.js';
import type { WindowIngest } from './windows/window-ingest.js';
import type { WindowStore } from './windows/window-store.js';

const TICK_MS = 1_000;
const RETRY_MS = 500;
/** Windows in one transaction. */
const BATCH = 64;
const FORGET_MS = 3_600_000;
/** Blocks are made within the hour; a day leaves room for an outage and for questions. */
const KEEP_WINDOWS_MS = 24 * 3_600_000;

const EXPERIMENT_TROUBLE = 'experiment ';
const troubleOf = (id: string): string => `${EXPERIMENT_TROUBLE}${id}`;

/** The parts that the loops drive. */
export interface AnalyzerParts {
  readonly book: ExperimentBook;
  readonly ingest: WindowIngest;
  readonly store: WindowStore;
  readonly blocks: BlockMaker;
  readonly experimentClock: ExperimentClock;
}
export const ANALYZER_PARTS = Symbol('ANALYZER_PARTS');

/** Everything in the analyzer that runs by itself, started once and stopped in order. */
@Injectable()
export class AnalyzerLoops implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private readonly troubles = new Map<string, string>();
  /** What METRICS held at the start: before it is read, silence of a host may be ours. */
  private startHead: number | undefined;

  constructor(
    @Inject(NATS) private readonly nats: Nats,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
    @Inject(ANALYZER_PARTS) private readonly parts: AnalyzerParts,
  ) {}

  onApplicationBootstrap(): void {
    const { book, experimentClock, store } = this.parts;
    const { signal } = this.stopping;
    this.report();
    const loops = [
      this.keepRunning('experiments', (well) => {
        well();
        return book.follow(signal);
      }),
      this.keepRunning('windows', (well) => this.readWindows(well)),
      this.keepRunning('conclusion bell', (well) => {
        well();
        return listenToBell(this.nats, experimentClock, signal);
      }),
    ];
    const tickers = [
      this.every(TICK_MS, 'clock', () => this.tick()),
      this.every(FORGET_MS, 'old windows', () =>
        store.forgetBefore(new Date(this.clock.now() - KEEP_WINDOWS_MS).toISOString()),
      ),
    ];
    this.shutdown.on('stop-intake', 'analyzer loops', async () => {
      this.stopping.abort();
      await Promise.all([...tickers.map((ticker) => ticker.stop()), ...loops]);
    });
  }

  private report(): void {
    const { book } = this.parts;
    this.health.register('experiments', () =>
      book.caughtUp ? undefined : 'still reading the log of events',
    );
    this.health.register('readable-log', () =>
      book.unreadable.size === 0 ? undefined : `unreadable: ${[...book.unreadable].join(', ')}`,
    );
    this.health.register('windows', () => (this.hasReadUp ? undefined : 'still reading the windows'));
    this.health.register('work', () => [...this.troubles].map(([what, why]) => `${what}: ${why}`)[0]);
  }

  private get hasReadUp(): boolean {
    return this.startHead !== undefined && this.parts.ingest.position >= this.startHead;
  }

  private async readWindows(well: () => void): Promise<void> {
    const { ingest } = this.parts;
    const { signal } = this.stopping;
    const after = await ingest.begin();
    this.startHead ??= await metricsHead(this.nats);
    const onRestart = (reason: string): void => this.logger.warn({ reason }, 'reading METRICS starts anew');
    const options = { stream: 'METRICS', after, signal, onRestart };
    for await (const batch of readStreamInBatches(this.nats, options, BATCH)) {
      await ingest.take(batch);
      well();
    }
  }

  /** One experiment that cannot go on holds up no other. */
  private async tick(): Promise<void> {
    const { book, blocks, experimentClock } = this.parts;
    if (!book.caughtUp || !this.hasReadUp) return;
    const experiments = book.timed();
    const running = experiments.filter(({ state }) => state.phase === 'running');
    blocks.keepOnly(running);
    this.forgetTroublesBut(experiments.map(({ id }) => troubleOf(id)));
    for (const experiment of experiments) {
      await this.attempt(troubleOf(experiment.id), async () => {
        if (experiment.state.phase === 'running') await blocks.makeDue(experiment);
        await experimentClock.step(experiment);
      });
    }
  }

  /** An experiment that has ended troubles nobody any more. */
  private forgetTroublesBut(current: readonly string[]): void {
    for (const what of this.troubles.keys())
      if (what.startsWith(EXPERIMENT_TROUBLE) && !current.includes(what)) this.troubles.delete(what);
  }

  private every(ms: number, name: string, task: () => Promise<void>) {
    return this.clock.every(ms, () => this.attempt(name, task));
  }

  private async attempt(what: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this.troubles.delete(what);
    } catch (error) {
      this.troubles.set(what, error instanceof Error ? error.message : String(error));
      this.logger.warn({ err: error, task: what }, 'task failed, it runs again');
    }
  }

  /** Starts a loop again when it ends by an error; its trouble is over once it says that all is well. */
  private async keepRunning(name: string, loop: (well: () => void) => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await loop(() => this.troubles.delete(name));
      } catch (error) {
        this.troubles.set(name, error instanceof Error ? error.message : String(error));
        this.logger.error({ err: error, loop: name }, 'loop failed, it starts again');
      }
      // Patience with a part that is away is real time; a test's clock may stand still.
      await systemClock.sleep(RETRY_MS, this.stopping.signal);
    }
  }
}
