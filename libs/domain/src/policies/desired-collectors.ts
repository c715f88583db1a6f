import type { Variant } from '#lib/events';
import type { ExperimentPhase, ExperimentState } from '../experiment/index.js';

/** `live` exports to the customer's backend, `shadow` runs the same exporter into a local sink. */
export type DesiredCollector = { readonly variant: Variant; readonly role: 'live' | 'shadow' };

const NONE: readonly DesiredCollector[] = [];
const BASELINE_ONLY: readonly DesiredCollector[] = [{ variant: 'baseline', role: 'live' }];
const CANDIDATE_ONLY: readonly DesiredCollector[] = [{ variant: 'candidate', role: 'live' }];
const BOTH: readonly DesiredCollector[] = [
  { variant: 'baseline', role: 'live' },
  { variant: 'candidate', role: 'shadow' },
];

const byPhase: Record<ExperimentPhase | 'absent', readonly DesiredCollector[]> = {
  absent: NONE,
  draft: NONE,
  deploying: BOTH,
  warming: BOTH,
  running: BOTH,
  concluded: BOTH,
  paused: BASELINE_ONLY,
  stopping: BASELINE_ONLY,
  stopped: BASELINE_ONLY,
  failed: BASELINE_ONLY,
  rolling_back: BASELINE_ONLY,
  rolled_back: BASELINE_ONLY,
  promoting: CANDIDATE_ONLY,
  promoted: CANDIDATE_ONLY,
  archived: NONE,
};

/**
 * What each target host is to run for the experiment. Empty means that the experiment has no say: a host then keeps
 * what it runs, so archiving the record of a promotion stops nothing.
 */
export function desiredCollectors(state: ExperimentState): readonly DesiredCollector[] {
  return byPhase[state.phase];
}

/** The phases in which an experiment holds its hosts, so that no other may start on them. */
export const phasesHoldingHosts: readonly ExperimentPhase[] = [
  'deploying',
  'warming',
  'running',
  'paused',
  'concluded',
  'promoting',
  'rolling_back',
  'stopping',
];
