import type { Door } from '../meter/self-telemetry.js';
import { comeAgain, isAccepted, type Answer, type Pushed, type Send } from './pushed.js';
import type { Route } from './route.js';
import { ShadowQueue, type QueueBounds } from './shadow-queue.js';

export type TeeOptions = {
  readonly sendLive: Send;
  readonly sendShadow: Send;
  readonly bounds: QueueBounds;
  /** A copy that a shadow did not get. */
  readonly onDrop: (route: Route, reason: string) => void;
};

/** What came in on one port since the agent started. */
export type PortCounts = {
  /** Requests that were handed to the live collector, and those of them that it took. */
  readonly forwarded: number;
  readonly accepted: number;
  /** Requests that found no live collector, or got no answer of it. */
  readonly unavailable: number;
  /** Copies that were made for shadows, and those of them that were lost. */
  readonly copies: number;
  readonly dropped: number;
};

const NOTHING: PortCounts = { forwarded: 0, accepted: 0, unavailable: 0, copies: 0, dropped: 0 };

type Member = {
  readonly route: Route;
  /** Requests that this live collector has not answered yet. */
  readonly underWay: Set<Promise<unknown>>;
  readonly queue: ShadowQueue | undefined;
};

/**
 * Hands each request to exactly one live collector and a copy of what that took to each shadow. A collector gets
 * requests from `join` until `leave`; of two in one place the newer one gets them all, and the older one again if
 * the newer one leaves first.
 */
export class Tee {
  /** In the order in which they joined. */
  private readonly members = new Map<string, Member>();
  private readonly counts = new Map<number, PortCounts>();

  constructor(private readonly options: TeeOptions) {}

  /** From now on requests go here, and to no other of its place. `onMiss` hears of each copy that did not arrive. */
  join(route: Route, onMiss?: () => void): void {
    const { bounds, onDrop, sendShadow } = this.options;
    const drop = (reason: string): void => {
      this.count(route.port, 'dropped');
      onDrop(route, reason);
      onMiss?.();
    };
    const shadow = { receiverPort: route.receiverPort, bounds, send: sendShadow, onDrop: drop };
    const queue = route.isLive ? undefined : new ShadowQueue(shadow);
    this.members.set(route.instance, { route, underWay: new Set(), queue });
  }

  /**
   * Gives a collector nothing more. Resolves when it has answered all that it was given, or when `signal` is aborted;
   * copies that wait by then are dropped and counted.
   */
  async leave(instance: string, signal: AbortSignal): Promise<void> {
    const member = this.members.get(instance);
    if (member === undefined) return;
    this.members.delete(instance);
    const { queue, underWay } = member;
    const done = Promise.all([...underWay, queue?.close()]);
    await Promise.race([done, aborted(signal)]);
    queue?.abandon();
  }

  /** True when a live collector takes what comes to the port. */
  isServed(port: number): boolean {
    return this.liveOf(port) !== undefined;
  }

  /** The answer of the live collector; without one, the client is to come again. */
  async handle(port: number, pushed: Pushed): Promise<Answer> {
    const live = this.liveOf(port);
    if (live === undefined)
      return this.refuse(port, 'No live collector takes pushed data here at this moment.');
    this.count(port, 'forwarded');
    const work = this.options.sendLive(live.route.receiverPort, pushed);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    live.underWay.add(settled);
    try {
      const answer = await work;
      if (isAccepted(answer)) this.copy(port, pushed);
      return answer;
    } catch {
      return this.refuse(port, 'The live collector gave no answer.');
    } finally {
      live.underWay.delete(settled);
    }
  }

  /** Counts one request that was not handed on. */
  refuse(port: number, why: string): Answer {
    this.count(port, 'unavailable');
    return comeAgain(why);
  }

  countsOf(port: number): PortCounts {
    return this.counts.get(port) ?? NOTHING;
  }

  /** Of copies for a shadow, those that arrived and those that were lost; undefined for any other collector. */
  copiesFor(instance: string): Door | undefined {
    return this.members.get(instance)?.queue?.counts();
  }

  private copy(port: number, pushed: Pushed): void {
    this.count(port, 'accepted');
    const newest = new Map<string, ShadowQueue>();
    for (const { queue, route } of this.members.values())
      if (route.port === port && queue !== undefined) newest.set(route.place, queue);
    for (const queue of newest.values()) {
      this.count(port, 'copies');
      queue.offer(pushed);
    }
  }

  private liveOf(port: number): Member | undefined {
    return [...this.members.values()].findLast(({ route }) => route.isLive && route.port === port);
  }

  private count(port: number, what: keyof PortCounts): void {
    const before = this.countsOf(port);
    this.counts.set(port, { ...before, [what]: before[what] + 1 });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
