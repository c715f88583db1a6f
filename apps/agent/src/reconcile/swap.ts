import type { Clock } from '#lib/agent-core';
import type { Fleet } from './fleet.js';
import type { Plan } from './target.js';

export type SwapTools = { readonly fleet: Pick<Fleet, 'start' | 'stop'>; readonly clock: Clock };

export type SwapOptions = Plan & {
  /** Keeps old and new for one more interval, so that no tick is missed. */
  readonly drain: boolean;
  readonly signal: AbortSignal;
};

/**
 * Starts the new beside the old, sees them work, then ends the old. Without `drain` shadows end at once, and what
 * feeds the backend as soon as it is replaced. @throws CollectorError, or the signal's reason; the old then stay
 */
export async function swap({ clock, fleet }: SwapTools, options: SwapOptions): Promise<void> {
  const { drain, missing, signal, surplus } = options;
  const atOnce = drain ? [] : surplus.filter(({ spec }) => spec.role === 'shadow');
  await Promise.all(atOnce.map((collector) => fleet.stop(collector)));
  const starts = await Promise.allSettled(missing.map((spec) => fleet.start(spec, signal)));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed !== undefined) {
    const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    await Promise.all(started.map((collector) => fleet.stop(collector)));
    throw failed.reason;
  }
  const rest = surplus.filter((collector) => !atOnce.includes(collector));
  const overlap = Math.max(0, ...missing.map(({ rendered }) => rendered.intervalSeconds));
  if (drain && rest.length > 0) await clock.sleep(overlap * 1000, signal);
  await Promise.all(rest.map((collector) => fleet.stop(collector)));
}
