import type { FeedSource, Rows, Topic } from './feed-source.js';
import { encode, type ResyncReason } from './protocol.js';

/** One view that one socket follows. `cursor` is undefined until the first snapshot was sent. */
export interface Subscription {
  readonly topic: Topic;
  cursor: number | undefined;
  /** False while the socket has too much unsent: the subscription then waits, and catches up from its cursor. */
  ready(): boolean;
  send(message: Buffer): void;
}

/**
 * Brings every subscription up to date, one round at a time. A round asks for the newest cursors, then reads each
 * topic once per distinct cursor, so a thousand sockets in step cost one query and one serialisation. Nothing is
 * queued per socket: the cursor is the queue.
 */
export class FeedHub {
  private readonly subscriptions = new Set<Subscription>();
  private running: Promise<void> | undefined;
  private asked = 0;

  constructor(private readonly source: FeedSource) {}

  add(subscription: Subscription): void {
    this.subscriptions.add(subscription);
  }

  remove(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
  }

  get size(): number {
    return this.subscriptions.size;
  }

  /** Runs a round, or one more after the present one, so that every change known at the call is sent. */
  async round(): Promise<void> {
    this.asked += 1;
    this.running ??= this.rounds().finally(() => (this.running = undefined));
    return this.running;
  }

  private async rounds(): Promise<void> {
    let served: number;
    do {
      served = this.asked;
      await this.serveAll();
    } while (served !== this.asked);
  }

  private async serveAll(): Promise<void> {
    const waiting = [...this.subscriptions].filter((subscription) => subscription.ready());
    if (waiting.length === 0) return;
    const topics = new Map(waiting.map(({ topic }) => [keyOf(topic), topic]));
    const heads = await Promise.all(
      [...topics].map(async ([key, topic]) => [key, await this.source.head(topic)] as const),
    );
    const headOf = new Map(heads);
    const batches = new Map<string, Promise<Batch>>();
    for (const subscription of waiting) {
      const head = headOf.get(keyOf(subscription.topic)) ?? 0;
      if (subscription.cursor === head) continue;
      const key = `${keyOf(subscription.topic)} ${subscription.cursor ?? 'new'}`;
      const batch = batches.get(key) ?? this.read(subscription, head);
      batches.set(key, batch);
      this.deliver(subscription, await batch);
    }
  }

  private deliver(subscription: Subscription, { cursor, messages }: Batch): void {
    // It may have unsubscribed while its rows were read.
    if (!this.subscriptions.has(subscription)) return;
    for (const message of messages) subscription.send(message);
    subscription.cursor = cursor;
  }

  private async read({ topic, cursor }: Subscription, head: number): Promise<Batch> {
    if (cursor === undefined) return batch(topic, 'snapshot', await this.source.snapshot(topic));
    // A cursor from the future was given by another database.
    if (cursor > head) return this.resync(topic, 'unknown-cursor');
    const changes = await this.source.changes(topic, cursor);
    if (changes === undefined) return this.resync(topic, 'too-far-behind');
    // Changes of other rows of the same view move the cursor and concern nobody here.
    if (changes.rows.length === 0) return { cursor: changes.cursor, messages: [] };
    return batch(topic, 'delta', changes);
  }

  private async resync(topic: Topic, reason: ResyncReason): Promise<Batch> {
    const { cursor, messages } = batch(topic, 'snapshot', await this.source.snapshot(topic));
    return { cursor, messages: [encode({ op: 'resync', view: topic.name, reason }), ...messages] };
  }
}

type Batch = { readonly cursor: number; readonly messages: readonly Buffer[] };

const keyOf = ({ tenant, name }: Topic): string => `${tenant} ${name}`;

function batch({ name }: Topic, op: 'snapshot' | 'delta', { cursor, rows }: Rows): Batch {
  return { cursor, messages: [encode({ op, view: name, cursor: String(cursor), rows })] };
}
