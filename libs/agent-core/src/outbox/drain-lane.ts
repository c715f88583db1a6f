import type { Clock } from '../clock.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log.js';
import type { LaneName, Outbox } from './outbox.js';

/** Sends one message and resolves when the hub has stored it. */
export type PublishAcked = (
  subject: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
) => Promise<void>;

export type DrainOptions = {
  readonly outbox: Outbox;
  readonly lane: LaneName;
  readonly publish: PublishAcked;
  readonly clock: Clock;
  readonly log: Log;
};

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Sends a lane's messages in their order, one in flight, for as long as `signal` lets it. Only the hub's
 * acknowledgement moves the cursor; everything else is tried again for ever.
 */
export async function drainLane(options: DrainOptions, signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  const isStopped = (): boolean => signal.aborted;
  while (!isStopped()) {
    try {
      await sendHead(options, signal);
      pause = FIRST_PAUSE_MS;
    } catch (error) {
      if (pause === FIRST_PAUSE_MS && !isStopped())
        options.log.warn({ lane: options.lane, reason: reasonOf(error) }, 'outbox waits');
      // The jitter keeps the hosts of a site from knocking in step after an outage.
      await options.clock.sleep(pause * (0.75 + Math.random() / 2), signal).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

async function sendHead({ outbox, lane, publish }: DrainOptions, signal: AbortSignal): Promise<void> {
  const entry = await outbox.next(lane, signal);
  await publish(entry.subject, entry.body, outbox.headersOf(lane, entry));
  await outbox.acknowledge(lane, entry.n);
}
