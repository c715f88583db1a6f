import type { Clock } from '#lib/agent-core';
import { CollectorError, type Collector } from '../collectors/collector.js';
import type { IngressRoutes } from '../ingress/ingress.js';
import type { Metering } from '../meter/metering.js';
import { readSelfTelemetry } from '../meter/self-telemetry.js';

export type Witnesses = {
  readonly metering: Pick<Metering, 'firstExport' | 'begin'>;
  readonly ingress: Pick<IngressRoutes, 'answers'>;
  readonly clock: Clock;
};

/** Two scrapes, and what a slow machine takes to start a program. */
const STARTING_BUDGET_MS = 15_000;
const POLL_MS = 200;

/**
 * Resolves when a collector does its work: its first export has reached the meter; or, where exports wait for what
 * applications push or are held back for longer than an interval, its receiver takes data. @throws CollectorError, or the signal's reason
 */
export async function firstExport(
  witnesses: Witnesses,
  collector: Collector,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = witnesses;
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const { ready, complaint } = signOfWork(witnesses, collector, stop);
  const budget = clock.sleep(2 * collector.admission.intervalSeconds * 1000 + STARTING_BUDGET_MS, stop);
  const tooLate = budget.then(() => {
    throw new CollectorError('no-first-export', complaint);
  });
  const gone = collector.exited.then((reason) => {
    throw new CollectorError('collector-exited', reason);
  });
  for (const other of [ready, tooLate, gone]) other.catch(() => undefined);
  try {
    await Promise.race([ready, gone, tooLate]);
  } finally {
    over.abort();
  }
}

function signOfWork(
  { clock, ingress, metering }: Witnesses,
  { admission, receiverPort, spec, telemetryPort }: Collector,
  signal: AbortSignal,
): { readonly ready: Promise<void>; readonly complaint: string } {
  const begin = (): void => metering.begin(admission);
  const complaint = 'it runs, but its receiver takes no data';
  if (receiverPort !== undefined)
    return { ready: ingress.answers(receiverPort, signal).then(begin), complaint };
  if (spec.rendered.holdSeconds !== undefined && telemetryPort !== undefined)
    return { ready: hasTakenData(telemetryPort, clock, signal).then(begin), complaint };
  return {
    ready: metering.firstExport(admission),
    complaint: 'it runs, but nothing of it reached the meter',
  };
}

/** Resolves when a receiver has taken a point, by the collector's own account. @throws the signal's reason */
async function hasTakenData(telemetryPort: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const told = await readSelfTelemetry(telemetryPort);
    if (told !== undefined && [...told.doors.values()].some(({ passed }) => passed > 0)) return;
    await clock.sleep(POLL_MS, signal);
  }
}
