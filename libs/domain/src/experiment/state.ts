import type { ExperimentSpec, FrozenPipeline, HostId, RollbackMode, Verdict } from '#lib/events';

export const experimentPhases = [
  'draft',
  'deploying',
  'warming',
  'running',
  'paused',
  'concluded',
  'promoting',
  'promoted',
  'rolling_back',
  'rolled_back',
  'stopping',
  'stopped',
  'failed',
  'archived',
] as const;
export type ExperimentPhase = (typeof experimentPhases)[number];

/** What was frozen at the start and what happened since. Times are ISO 8601. */
export type Run = {
  readonly hosts: readonly HostId[];
  readonly baseline: FrozenPipeline;
  readonly candidate: FrozenPipeline;
  readonly startedAt: string;
  /** Begin of the newest warm-up; a resumed experiment warms up anew. */
  readonly warmupAt?: string;
  /** Begin of the newest measurement; windows from here on count. Absent while warming up. */
  readonly measurementAt?: string;
  readonly verdict?: Verdict;
  /** How hosts are to stop the candidate, by the newest pause, stop or rollback. */
  readonly stopMode?: RollbackMode;
};

/** `absent` is the state before the first event; `archived` keeps its run if it ever had one. */
export type ExperimentState =
  | { readonly phase: 'absent' }
  | { readonly phase: 'draft'; readonly spec: ExperimentSpec }
  | { readonly phase: 'archived'; readonly spec: ExperimentSpec; readonly run?: Run }
  | StartedExperiment;

export type StartedExperiment = {
  readonly phase: Exclude<ExperimentPhase, 'draft' | 'archived'>;
  readonly spec: ExperimentSpec;
  readonly run: Run;
};

/** True once hosts and pipelines are frozen and until the record is archived. */
export function isStarted(state: ExperimentState): state is StartedExperiment {
  return state.phase !== 'absent' && state.phase !== 'draft' && state.phase !== 'archived';
}
