import { reasonOf, type Clock, type Log, type TaskJournal } from '#lib/agent-core';
import { processMetricNames } from '#lib/pipelines';
import { scrapeProcesses } from '../builtin/scrape-processes.js';
import type { CollectorEngine } from '../collectors/collector.js';
import { Watchman } from '../guard/watchman.js';
import type { Ingress } from '../ingress/ingress.js';
import { hostCapacity } from '../machine/inventory.js';
import type { CollectorUsage } from '../meter/collector-usage.js';
import type { Metering } from '../meter/metering.js';
import type { Tell } from '../reconcile/attempts.js';
import { Fleet } from '../reconcile/fleet.js';
import { Reconciler } from '../reconcile/reconciler.js';
import { Selections } from '../topk/selections.js';

export type ReconciliationOptions = {
  readonly journal: TaskJournal;
  readonly engine: CollectorEngine;
  readonly metering: Metering;
  readonly usage: CollectorUsage;
  readonly ingress: Ingress;
  readonly tell: Tell;
  readonly clock: Clock;
  readonly log: Log;
};

/** Ties those that call each other: fleet, selections and watchman tell the reconciler what they notice. */
export function reconciliation(options: ReconciliationOptions): {
  readonly fleet: Fleet;
  readonly reconciler: Reconciler;
  readonly watchman: Watchman;
} {
  const { clock, engine, ingress, log, metering, usage } = options;
  const selections = new Selections({
    scrape: () => scrapeProcesses(processMetricNames, clock.now()),
    capacity: hostCapacity(),
    onChange: () => reconciler.wake(),
    ...{ clock, log },
  });
  const fleet = new Fleet({
    ...{ engine, metering, usage, selections, ingress, clock, log },
    onLost: (collector, reason) => attend(reconciler.lost(collector, reason)),
  });
  const reconciler = new Reconciler({ ...options, fleet, selections });
  const watchman = new Watchman({
    guarded: () => fleet.guarded(),
    onTrip: (collector, trip) => attend(reconciler.tripped(collector, trip)),
    ...{ metering, ingress, clock },
  });
  /** What the disk refuses to remember is in force all the same. */
  const attend = (work: Promise<void>): void => {
    work.catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'not written down'));
  };
  return { fleet, reconciler, watchman };
}
