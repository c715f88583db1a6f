import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import { encodeWindowMessage, WINDOW_MS, type ResourceUse, type WindowMessage } from '#lib/metering';
import type { Collector } from '../collectors/collector.js';
import type { CollectorUsage } from './collector-usage.js';
import type { Metering } from './metering.js';
import { readSelfTelemetry, type Losses, type SelfTelemetry } from './self-telemetry.js';

export type WindowClockOptions = {
  readonly metering: Metering;
  readonly usage: CollectorUsage;
  readonly collectors: () => readonly Collector[];
  /** Keeps an encoded window; a refusal costs that window and nothing else. */
  readonly keep: (message: Uint8Array) => Promise<unknown>;
  /** Hears once per window what each collector tells of itself; nothing of one that does not answer. */
  readonly onTelemetry: (instance: string, telemetry: SelfTelemetry | undefined) => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Exports arrive some 250 ms after their tick; what comes later than this counts in the next window. */
const CLOSING_DELAY_MS = 500;
const SAMPLE_MS = 1_000;

/** Samples the collectors each second and closes windows on the wall clock, until `signal` is aborted. */
export async function runWindowClock(options: WindowClockOptions, signal: AbortSignal): Promise<void> {
  const { clock, usage } = options;
  const losses = new Map<string, Losses>();
  let windowEnd = nextMultiple(clock.now(), WINDOW_MS);
  while (!signal.aborted) {
    const now = clock.now();
    usage.sample(now);
    // A clock that was set back would otherwise leave the windows open until it caught up.
    if (now >= windowEnd + CLOSING_DELAY_MS || now < windowEnd - 2 * WINDOW_MS) {
      windowEnd = nextMultiple(now, WINDOW_MS);
      await closeWindows(options, losses);
    }
    // Half a second off the full one, so that windows are closed on time and scrapes are left alone.
    await clock
      .sleep(nextMultiple(now + CLOSING_DELAY_MS, SAMPLE_MS) - CLOSING_DELAY_MS + 1 - now, signal)
      .catch(() => undefined);
  }
}

async function closeWindows(options: WindowClockOptions, losses: Map<string, Losses>): Promise<void> {
  const { clock, collectors, keep, log, metering, usage } = options;
  const present = collectors();
  const lost = await newLosses(options, losses);
  const start = clock.now() - (clock.now() % WINDOW_MS) - WINDOW_MS;
  const use = new Map<string, ResourceUse>();
  for (const { instance } of present) {
    const machine = usage.take(instance, start);
    const drops = lost.get(instance);
    if (machine !== undefined && drops !== undefined) use.set(instance, { ...machine, ...drops });
  }
  for (;;) {
    const message = metering.closeWindow({ clockOffsetMs: null, use });
    if (message === null) return;
    await keep(encodeWindowMessage(factsFit(message, start))).catch((error: unknown) =>
      log.warn({ reason: reasonOf(error), window: message.start }, 'window not kept'),
    );
  }
}

/** The facts were gathered for one window; an older one that was left open has none. */
function factsFit(message: WindowMessage, start: number): WindowMessage {
  if (message.start === start) return message;
  return { ...message, collectors: message.collectors.map((collector) => ({ ...collector, use: null })) };
}

/** What each collector lost since it was last asked; nothing is known of who does not answer. */
async function newLosses(
  { collectors, onTelemetry }: WindowClockOptions,
  before: Map<string, Losses>,
): Promise<ReadonlyMap<string, Losses>> {
  const present = collectors();
  const fresh = new Map<string, Losses>();
  for (const instance of before.keys())
    if (!present.some((one) => one.instance === instance)) before.delete(instance);
  await Promise.all(
    present.map(async ({ instance, telemetryPort, isAdopted }) => {
      const telemetry = telemetryPort === undefined ? SILENT : await readSelfTelemetry(telemetryPort);
      onTelemetry(instance, telemetry);
      if (telemetry === undefined) return;
      const now = telemetry.losses;
      const then = before.get(instance) ?? NOTHING_LOST;
      const isFirstLook = !before.has(instance);
      before.set(instance, now);
      if (isAdopted && isFirstLook) return;
      fresh.set(instance, { refused: now.refused - then.refused, failed: now.failed - then.failed });
    }),
  );
  return fresh;
}

const NOTHING_LOST: Losses = { refused: 0, failed: 0 };
const SILENT: SelfTelemetry = { losses: NOTHING_LOST, doors: new Map() };

function nextMultiple(at: number, step: number): number {
  return at - (at % step) + step;
}
