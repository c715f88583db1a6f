import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Clock, Ticker } from '../lifecycle/clock.js';
import type { LinkState } from './link-state.js';

/** Why no further reply will come. In each case the request may or may not have been carried out. */
export type LostReason = 'timeout' | 'disconnected' | 'closed';

/** Receives the replies to one request. */
export interface ReplyHandler {
  /** Takes one reply and says whether it was the last. */
  take(message: Msg): 'last' | 'more';
  lost(reason: LostReason): void;
}

interface Waiting {
  readonly handler: ReplyHandler;
  deadline: number;
}

const SWEEP_MS = 250;

/**
 * Replies of any number of requests over one subscription. A subscription or a timer for each request is what
 * bounds the client's own requests (about a fifth of the throughput); here one sweep covers all time-outs.
 */
export class ReplyInbox {
  private readonly prefix: string;
  private readonly timeoutMs: number;
  private readonly subscription: Subscription;
  private readonly sweeper: Ticker;
  private readonly waiting = new Map<string, Waiting>();
  private readonly unfollow: () => void;
  private count = 0;

  constructor(
    connection: NatsConnection,
    link: LinkState,
    private readonly clock: Clock,
    options: { readonly timeoutMs: number; readonly inboxPrefix?: string },
  ) {
    this.timeoutMs = options.timeoutMs;
    this.prefix = `${createInbox(options.inboxPrefix)}.`;
    this.subscription = connection.subscribe(`${this.prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.arrived(message);
      },
    });
    this.unfollow = link.onBreak(() => this.loseAll('disconnected'));
    this.sweeper = clock.every(SWEEP_MS, () => this.sweep());
  }

  /** Requests whose last reply is still to come. */
  get open(): number {
    return this.waiting.size;
  }

  /** Registers a handler and gives the reply subject to publish with. The time-out counts from the last reply. */
  expect(handler: ReplyHandler): string {
    this.count += 1;
    const token = this.count.toString(36);
    this.waiting.set(token, { handler, deadline: this.clock.now() + this.timeoutMs });
    return this.prefix + token;
  }

  /** Gives up on a request that could not even be sent. */
  forget(reply: string): void {
    this.waiting.delete(reply.slice(this.prefix.length));
  }

  async close(): Promise<void> {
    this.unfollow();
    this.subscription.unsubscribe();
    this.loseAll('closed');
    await this.sweeper.stop();
  }

  private arrived(message: Msg): void {
    const token = message.subject.slice(this.prefix.length);
    const waiting = this.waiting.get(token);
    if (waiting === undefined) return;
    if (waiting.handler.take(message) === 'last') this.waiting.delete(token);
    else waiting.deadline = this.clock.now() + this.timeoutMs;
  }

  private sweep(): Promise<void> {
    const now = this.clock.now();
    for (const [token, { handler, deadline }] of this.waiting) {
      if (deadline > now) continue;
      this.waiting.delete(token);
      handler.lost('timeout');
    }
    return Promise.resolve();
  }

  private loseAll(reason: LostReason): void {
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const { handler } of lost) handler.lost(reason);
  }
}
