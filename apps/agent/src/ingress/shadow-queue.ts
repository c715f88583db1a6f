import type { Door } from '../meter/self-telemetry.js';
import { isAccepted, type Pushed, type Send } from './pushed.js';

/** What waits for one shadow at most. */
export type QueueBounds = { readonly requests: number; readonly bytes: number };

export type ShadowQueueOptions = {
  readonly receiverPort: number;
  readonly bounds: QueueBounds;
  readonly send: Send;
  /** One copy that the shadow did not get, and why. */
  readonly onDrop: (reason: string) => void;
};

/**
 * Copies for one shadow, handed over one after another in the order in which they came. It takes what there is room
 * for and counts the rest; nobody ever waits for it.
 */
export class ShadowQueue {
  private readonly waiting: Pushed[] = [];
  private bytes = 0;
  private passed = 0;
  private lost = 0;
  private isSending = false;
  private isClosed = false;
  private idle: Promise<void> = Promise.resolve();

  constructor(private readonly options: ShadowQueueOptions) {}

  /** Keeps a copy, or drops and counts it. What is under way counts as waiting until it has arrived. */
  offer(pushed: Pushed): void {
    const { bounds } = this.options;
    const isFull = this.waiting.length >= bounds.requests || this.bytes + pushed.bytes > bounds.bytes;
    if (this.isClosed || isFull) {
      this.drop(this.isClosed ? 'the shadow is being stopped' : 'its queue is full');
      return;
    }
    this.waiting.push(pushed);
    this.bytes += pushed.bytes;
    if (!this.isSending) this.idle = this.drain();
  }

  /** Takes nothing any more; resolves when all that it had was handed over or dropped. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.idle;
  }

  /** Drops what still waits. */
  abandon(): void {
    this.isClosed = true;
    // The first one is under way.
    for (const { bytes } of this.waiting.splice(this.isSending ? 1 : 0)) {
      this.bytes -= bytes;
      this.drop('the shadow was stopped');
    }
  }

  /** Copies and bytes that wait or are under way. */
  size(): QueueBounds {
    return { requests: this.waiting.length, bytes: this.bytes };
  }

  /** Copies that arrived, and copies that were dropped. */
  counts(): Door {
    return { passed: this.passed, lost: this.lost };
  }

  private drop(reason: string): void {
    this.lost += 1;
    this.options.onDrop(reason);
  }

  private async drain(): Promise<void> {
    const { receiverPort, send } = this.options;
    this.isSending = true;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const refusal = await send(receiverPort, next).then(
        (answer) => (isAccepted(answer) ? undefined : `it answered ${answer.status}`),
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      if (refusal === undefined) this.passed += 1;
      else this.drop(refusal);
      this.waiting.shift();
      this.bytes -= next.bytes;
    }
    this.isSending = false;
  }
}
