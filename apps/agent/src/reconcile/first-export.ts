import type { Clock } from '#lib/agent-core';
import { CollectorError, type Collector } from '../collectors/collector.js';
import type { IngressRoutes } from '../ingress/ingress.js';
import type { Metering } from '../meter/metering.js';

export type Witnesses = {
  readonly metering: Pick<Metering, 'firstExport' | 'begin'>;
  readonly ingress: Pick<IngressRoutes, 'answers'>;
  readonly clock: Clock;
};

/** Two scrapes, and what a slow machine takes to start a program. */
const STARTING_BUDGET_MS = 15_000;

/**
 * Resolves when a collector does its work: its first export has reached the meter, or, where applications push at
 * times of their own, its receiver takes data. @throws CollectorError, or the signal's reason
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
  { ingress, metering }: Witnesses,
  { admission, receiverPort }: Collector,
  signal: AbortSignal,
): { readonly ready: Promise<void>; readonly complaint: string } {
  if (receiverPort === undefined)
    return {
      ready: metering.firstExport(admission),
      complaint: 'it runs, but nothing of it reached the meter',
    };
  const ready = ingress.answers(receiverPort, signal).then(() => metering.begin(admission));
  return { ready, complaint: 'it runs, but its receiver takes no data' };
}
