import type { Clock, Log, TaskJournal } from '#lib/agent-core';
import { processMetricNames } from '#lib/pipelines';
import { scrapeProcesses } from '../builtin/scrape-processes.js';
import type { CollectorEngine } from '../collectors/collector.js';
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
  readonly tell: Tell;
  readonly clock: Clock;
  readonly log: Log;
};

/** Ties the three that call each other: the fleet tells of losses, the selections of changes, to the reconciler. */
export function reconciliation(options: ReconciliationOptions): {
  readonly fleet: Fleet;
  readonly reconciler: Reconciler;
} {
  const { clock, engine, log, metering, usage } = options;
  const selections = new Selections({
    scrape: () => scrapeProcesses(processMetricNames, clock.now()),
    onChange: () => reconciler.wake(),
    ...{ clock, log },
  });
  const fleet = new Fleet({
    ...{ engine, metering, usage, selections, clock, log },
    onLost: (collector, reason) => void reconciler.lost(collector, reason),
  });
  const reconciler = new Reconciler({ ...options, fleet, selections });
  return { fleet, reconciler };
}
