import type { Clock } from '#lib/agent-core';

/** Lets one loop sleep until there is something to do; a call while it is awake is not lost. */
export class Wakeup {
  private isDue = false;
  private ring: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  wake(): void {
    this.isDue = true;
    this.ring?.();
  }

  /** Resolves at the next `wake`, after `atMostMs`, or when the signal is aborted. */
  async wait(signal: AbortSignal, atMostMs?: number): Promise<void> {
    const over = new AbortController();
    const rung = new Promise<void>((resolve) => (this.ring = resolve));
    const stop = AbortSignal.any([signal, over.signal]);
    const timeout = this.clock.sleep(atMostMs ?? 2 ** 31 - 1, stop).catch(() => undefined);
    if (!this.isDue) await Promise.race([rung, timeout]);
    over.abort();
    this.isDue = false;
  }
}
