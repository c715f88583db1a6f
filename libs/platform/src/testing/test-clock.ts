import { repeat, type Clock, type Ticker } from '../lifecycle/clock.js';

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** A clock that stands still until the test moves it. */
export class TestClock implements Clock {
  private time: number;
  private sleepers: readonly Sleeper[] = [];

  /** @param start ISO 8601 instant at which the clock stands first */
  constructor(start = '2026-01-01T00:00:00.000Z') {
    this.time = Date.parse(start);
  }

  now(): number {
    return this.time;
  }

  iso(): string {
    return new Date(this.time).toISOString();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { due: this.time + Math.max(0, ms), wake: resolve };
      this.sleepers = [...this.sleepers, sleeper];
      signal?.addEventListener('abort', () => this.wake(sleeper), { once: true });
    });
  }

  every(ms: number, task: () => Promise<void>, onError?: (error: unknown) => void): Ticker {
    return repeat(this, ms, task, onError);
  }

  /**
   * Moves time forward, waking sleepers in the order in which they are due. After each one the event loop turns, so
   * that what it does in memory, such as sleeping again, happens before the next is woken. I/O is not waited for.
   */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await turn();
    for (let next = this.nextDue(end); next !== undefined; next = this.nextDue(end)) {
      this.time = Math.max(this.time, next.due);
      this.wake(next);
      await turn();
    }
    this.time = end;
  }

  /** How many callers are asleep: lets a test wait until its subject has gone to sleep. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  private nextDue(end: number): Sleeper | undefined {
    return this.sleepers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
  }

  private wake(sleeper: Sleeper): void {
    this.sleepers = this.sleepers.filter((other) => other !== sleeper);
    sleeper.wake();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
