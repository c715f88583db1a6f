import type { Clock, Ticker } from '../lifecycle/clock.js';
import { Applier } from './applier.js';
import type { Inbox } from './inbox.js';
import { readAhead, type ReadCommit } from './reading.js';
import { initialStatus, type ProjectionStatus } from './status.js';
import type { Advance, CommitSource, Doorbell, Lease, Projection, ProjectionStore } from './types.js';

/** What a runner reports; pino's shape. */
export interface ProjectionLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ProjectionRunnerParts {
  readonly projection: Projection;
  readonly source: CommitSource;
  readonly store: ProjectionStore;
  readonly clock: Clock;
  /** Names this process among those that might hold the lease; must be unique. */
  readonly owner: string;
  readonly doorbell: Doorbell;
  readonly log: ProjectionLog;
}

/** The stream ends before the checkpoint: its tail was lost, or it is another stream. */
export class CheckpointAhead extends Error {
  override readonly name = 'CheckpointAhead';
  constructor(checkpoint: number, head: number) {
    super(`checkpoint ${checkpoint} is above the end of the stream, ${head}`);
  }
}

/** A transaction takes at most this many commits; twice as many are read ahead at most. */
const BATCH = 500;
/** A third of the time after which an unrenewed lease expires. */
const RENEW_MS = 5_000;
const STANDBY_MS = 2_000;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

/**
 * Keeps one projection up with the stream, from `start` until `stop`. Every failure leads to the same place: give the
 * lease back, wait, take it again and read from the checkpoint, so no error path can skip or repeat a commit.
 */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private current: ProjectionStatus;
  private failures = 0;
  private ended: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ProjectionRunnerParts) {
    this.current = initialStatus(parts.projection.name);
  }

  get status(): ProjectionStatus {
    return this.current;
  }

  start(): void {
    this.ended = this.run();
  }

  /** Finishes the running transaction, gives the lease back and resolves. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) await this.round();
    this.report({ state: 'stopped' });
  }

  private async round(): Promise<void> {
    const { projection, store, owner } = this.parts;
    try {
      const lease = await store.acquire(projection.name, owner);
      if (lease !== undefined) await this.lead(lease);
      else await this.standBy();
    } catch (error) {
      await this.backOff(error);
    }
  }

  private standBy(): Promise<void> {
    this.report({ state: 'standby', parked: [] });
    return this.parts.clock.sleep(STANDBY_MS, this.stopping.signal);
  }

  private async lead(lease: Lease): Promise<void> {
    const { projection, store, source, log } = this.parts;
    const applier = new Applier(store, projection, lease, (advance) => this.committed(applier, advance));
    const ending = new AbortController();
    const watch = this.watch(applier, ending);
    try {
      await this.checkHead(applier);
      log.info({ projection: projection.name, epoch: lease.epoch, position: lease.position }, 'leading');
      this.report({ state: 'leading', position: lease.position, parked: [...lease.parked.keys()] });
      const signal = AbortSignal.any([ending.signal, this.stopping.signal]);
      const messages = source.read({ after: lease.position, signal });
      await drain(readAhead(messages, projection, BATCH), applier, signal);
      // A failed check of the lease or of the stream's end has aborted the reading; it is the reason to tell.
      if (ending.signal.aborted && ending.signal.reason instanceof Error) throw ending.signal.reason;
    } finally {
      ending.abort();
      await watch.stop();
      await store.release(applier.lease).catch(() => undefined); // it expires by itself
    }
  }

  /** Renews the lease and asks for the stream's end; ends the reading when either is not as it should be. */
  private watch(applier: Applier, ending: AbortController): Ticker {
    return this.parts.clock.every(
      RENEW_MS,
      async () => {
        if (await this.parts.store.renew(applier.lease)) await this.checkHead(applier);
        else ending.abort('lease lost');
      },
      (error) => ending.abort(error),
    );
  }

  private async checkHead(applier: Applier): Promise<void> {
    // Read before asking: the stream may grow meanwhile, but it can never end before what was already read from it.
    const { position } = applier.lease;
    const head = await this.parts.source.head();
    if (head < position) throw new CheckpointAhead(position, head);
    this.report({ head });
  }

  private committed(applier: Applier, { changes, parked }: Advance): void {
    const { projection, doorbell, log } = this.parts;
    this.failures = 0;
    const { position, parked: all } = applier.lease;
    this.report({ state: 'leading', position, parked: [...all.keys()] });
    for (const commit of parked) log.error({ projection: projection.name, ...commit }, 'commit parked');
    const newest = new Map(changes.map((change) => [`${change.tenant}.${change.view}`, change]));
    for (const change of newest.values()) doorbell(change);
  }

  private async backOff(error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const state = error instanceof CheckpointAhead ? 'checkpoint-ahead' : 'retrying';
    this.report({ state, error: message });
    const { projection, clock, log } = this.parts;
    log.warn({ projection: projection.name, state, error: message, failures: this.failures }, 'not applied');
    const wait = Math.min(FIRST_BACKOFF_MS * 2 ** this.failures, LONGEST_BACKOFF_MS);
    this.failures += 1;
    await clock.sleep(wait, this.stopping.signal);
  }

  private report(news: Partial<ProjectionStatus>): void {
    const { error, ...rest } = { ...this.current, ...news };
    const failing = rest.state === 'retrying' || rest.state === 'checkpoint-ahead';
    this.current = failing && error !== undefined ? { ...rest, error } : rest;
  }
}

/** Applies what arrives until the source ends, the signal aborts or the lease is lost. */
async function drain(inbox: Inbox<ReadCommit>, applier: Applier, signal: AbortSignal): Promise<void> {
  try {
    for (let batch = await inbox.take(); batch !== undefined; batch = await inbox.take())
      if (signal.aborted || !(await applier.apply(batch))) return;
    if (!signal.aborted) throw new Error('the stream of commits ended');
  } finally {
    inbox.close();
  }
}
