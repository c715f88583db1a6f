import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import type { Collector } from '../collectors/collector.js';

export type HousekeepingOptions = {
  readonly collectors: () => readonly Collector[];
  readonly clock: Clock;
  readonly log: Log;
};

const PERIOD_MS = 1_000;

/** Keeps the logs of collectors within their bounds, until the signal is aborted. */
export async function runHousekeeping(options: HousekeepingOptions, signal: AbortSignal): Promise<void> {
  const { clock, collectors, log } = options;
  while (!signal.aborted) {
    for (const { instance, tidy } of collectors())
      await tidy().catch((error: unknown) =>
        log.warn({ instance, reason: reasonOf(error) }, 'log not shortened'),
      );
    await clock.sleep(PERIOD_MS, signal).catch(() => undefined);
  }
}
