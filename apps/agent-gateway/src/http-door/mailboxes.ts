import { hostSubjects } from '#lib/agent-protocol';
import type { Clock, NatsMessage } from '#lib/platform';
import type { Caller } from './admission.js';

/** What is handed over to a host on NATS. */
export interface HandOvers {
  subscribe(subject: string, options: { readonly signal: AbortSignal }): AsyncIterable<NatsMessage>;
}

/** A box without a poll is kept for so long: what is handed over between two polls finds it. */
const LINGER_MS = 60_000;
/** A host is offered one order and one task at a time; more can only be repeats. */
const MOST_KEPT = 8;

/** One hand-over, as the bytes that came. */
export type HandedOver = Uint8Array;

/**
 * Listens on NATS in the place of hosts that poll, so that an order takes the same way to them as to any other host,
 * whichever gateway offers it. What a poll takes and loses is offered again, like a message that NATS lost.
 */
export class Mailboxes {
  private readonly boxes = new Map<string, Mailbox>();
  private isClosed = false;

  constructor(
    private readonly nats: HandOvers,
    private readonly clock: Clock,
  ) {}

  /**
   * The next hand-over, or undefined when none comes within the time, when the signal aborts, or when the host polls
   * again: it has one poll at a time.
   */
  async take(caller: Caller, waitMs: number, signal: AbortSignal): Promise<HandedOver | undefined> {
    if (this.isClosed) return undefined;
    const name = hostSubjects(caller.tenant, caller.host).task;
    const box = this.boxes.get(name) ?? this.open(name);
    const taken = await box.take(waitMs, signal);
    void box.linger(LINGER_MS);
    return taken;
  }

  /** How many hosts have polled lately. */
  get size(): number {
    return this.boxes.size;
  }

  /** Ends all polls, and keeps nothing from now on. */
  close(): void {
    this.isClosed = true;
    for (const box of this.boxes.values()) box.close();
  }

  private open(subject: string): Mailbox {
    const box = new Mailbox(this.clock, () => this.boxes.delete(subject));
    const close = (): void => box.close();
    this.boxes.set(subject, box);
    // Whatever ends the subscription ends the box: the next poll opens another.
    void box.collect(this.nats, subject).then(close, close);
    return box;
  }
}

class Mailbox {
  private readonly kept = new Map<string, HandedOver>();
  private readonly closing = new AbortController();
  private poll: AbortController | undefined;
  private leaving: AbortController | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onClose: () => void,
  ) {}

  async collect(nats: HandOvers, subject: string): Promise<void> {
    for await (const { data } of nats.subscribe(subject, { signal: this.closing.signal })) {
      // A repeat keeps its place: what came first is handed over first.
      this.kept.set(taskIdOf(data), data);
      const [oldest] = this.kept.keys();
      if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
      this.poll?.abort();
    }
  }

  async take(waitMs: number, signal: AbortSignal): Promise<HandedOver | undefined> {
    this.leaving?.abort();
    this.poll?.abort();
    const poll = new AbortController();
    this.poll = poll;
    const isOver = AbortSignal.any([signal, poll.signal, this.closing.signal]);
    if (this.kept.size === 0) await this.clock.sleep(waitMs, isOver);
    // Another poll of the host has taken its place.
    if (this.poll !== poll) return undefined;
    this.poll = undefined;
    // Nobody is there to answer.
    if (signal.aborted) return undefined;
    const [first] = this.kept;
    if (first !== undefined) this.kept.delete(first[0]);
    return first?.[1];
  }

  /** Closes the box unless another poll comes first. */
  async linger(ms: number): Promise<void> {
    if (this.poll !== undefined || this.closing.signal.aborted) return;
    this.leaving?.abort();
    const leaving = new AbortController();
    this.leaving = leaving;
    await this.clock.sleep(ms, leaving.signal);
    if (!leaving.signal.aborted) this.close();
  }

  close(): void {
    if (this.closing.signal.aborted) return;
    this.leaving?.abort();
    this.closing.abort();
    this.onClose();
  }
}

/** What is no task is the host's to refuse; it is kept under its own text. */
function taskIdOf(data: Uint8Array): string {
  const text = new TextDecoder().decode(data);
  try {
    const task = JSON.parse(text) as { readonly taskId?: unknown } | null;
    return typeof task?.taskId === 'string' ? task.taskId : text;
  } catch {
    return text;
  }
}
