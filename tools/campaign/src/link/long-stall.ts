import { setTimeout as sleep } from 'node:timers/promises';
import { presenceEvents } from './history/dump.js';
import { isPinged, type CampaignHost } from './parts/host.js';
import { pingTimeouts, type PingTimeouts } from './parts/ping-timeouts.js';
import type { LongStall } from './plan/steps.js';
import type { Stage } from './unrest.js';

const POLL_MS = 1_000;
/** From when everybody is waited for. Presence takes 41 s at most, after which only a defect can be the reason. */
const PATIENCE_MS = 75_000;
/** After this nobody looks any more, whatever became of the rounds. */
const LOOK_MS = 300_000;

/** Cuts hosts off for long, as the plan says, and sees who notices. Rounds go on meanwhile. */
export class LongStalls {
  private cuts: readonly Cut[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly plan: LongStall | undefined,
  ) {}

  /** Begins, waits or ends before this round; the number of rounds is that of the end. */
  async before(round: number): Promise<void> {
    const { plan, stage } = this;
    if (plan === undefined) return;
    if (round === plan.from) {
      const hosts = stage.hosts.filter((_, place) => plan.hosts.includes(place));
      this.cuts = await Promise.all(hosts.map((host) => Cut.begin(stage, host)));
    }
    if (round === plan.noticed) await Promise.all(this.cuts.map((cut) => cut.noticed()));
    if (round === plan.until) await Promise.all(this.cuts.map((cut) => cut.end()));
  }
}

/** One host that is cut off. */
class Cut {
  private readonly ending = new AbortController();
  private readonly watching: Promise<void>;

  private constructor(
    private readonly stage: Stage,
    private readonly host: CampaignHost,
    private readonly timeoutsBefore: PingTimeouts,
  ) {
    this.watching = this.watch();
  }

  static async begin(stage: Stage, host: CampaignHost): Promise<Cut> {
    const { house, recorder } = stage;
    const before = await pingTimeouts(house, host);
    recorder.note<'fault'>({ type: 'fault', kind: 'long-stall', target: host.id });
    recorder.note<'long-stall'>({ type: 'long-stall', host: host.id, isPinged: isPinged(host.way) });
    host.link.stall();
    return new Cut(stage, host, before);
  }

  /** Resolves when all have noticed; what nobody has by the end of the patience is missing in the history. */
  async noticed(): Promise<void> {
    await Promise.race([this.watching, sleep(PATIENCE_MS, undefined, { signal: this.ending.signal })]);
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.watching;
    this.stage.recorder.note<'long-stall-over'>({ type: 'long-stall-over', host: this.host.id });
    this.host.link.heal();
  }

  /** Looks until host and connection were given up. Where the hub is away it cannot be asked, and is asked again. */
  private async watch(): Promise<void> {
    const since = new Date().toISOString();
    const deadline = performance.now() + LOOK_MS;
    const isOver = (): boolean => this.ending.signal.aborted || performance.now() > deadline;
    let isClosed = !isPinged(this.host.way);
    let isOffline = false;
    while (!(isClosed && isOffline) && !isOver()) {
      await sleep(POLL_MS);
      isClosed ||= await this.isClosed().catch(() => false);
      isOffline ||= await this.isOffline(since).catch(() => false);
    }
  }

  private async isClosed(): Promise<boolean> {
    const { host, stage, timeoutsBefore } = this;
    const now = await pingTimeouts(stage.house, host);
    const sides = (['hub', 'leaf'] as const).filter((side) => now[side] > timeoutsBefore[side]);
    for (const side of sides)
      stage.recorder.note<'ping-timeout'>({ type: 'ping-timeout', host: host.id, side });
    return sides.length > 0;
  }

  private async isOffline(since: string): Promise<boolean> {
    const events = await presenceEvents(this.stage.house.nats);
    return events.some(({ at, host, phase }) => host === this.host.id && phase === 'offline' && at >= since);
  }
}
