import type { EventsOf, StoredCommit } from '#lib/events';
import type { ExperimentPhaseName, ExperimentView } from '../tables/experiment.table.js';

type Event = EventsOf<'experiment'>;
type Commit = Pick<StoredCommit<'experiment'>, 'tenant' | 'id' | 'position' | 'actor'>;

/** The phase that an experiment is in after each event, whatever came before. */
export const experimentPhaseAfter: Readonly<Record<Event['type'], ExperimentPhaseName>> = {
  ExperimentDrafted: 'draft',
  ExperimentRevised: 'draft',
  ExperimentStarted: 'deploying',
  ExperimentWarmupBegan: 'warming',
  ExperimentMeasurementBegan: 'running',
  ExperimentPaused: 'paused',
  ExperimentResumed: 'warming',
  ExperimentConcluded: 'concluded',
  ExperimentPromotionRequested: 'promoting',
  ExperimentPromoted: 'promoted',
  RollbackRequested: 'rolling_back',
  ExperimentRolledBack: 'rolled_back',
  ExperimentStopRequested: 'stopping',
  ExperimentStopped: 'stopped',
  ExperimentFailed: 'failed',
  ExperimentArchived: 'archived',
};

/**
 * The row of `experiment_view` after an event; undefined before the first one. Pure: the projector keeps the view with
 * it, and whoever asks for an earlier moment folds the events up to there. The position is set by the caller.
 * @throws TypeError when the event cannot be the first one
 */
export function experimentRowAfter(
  row: ExperimentView | undefined,
  event: Event,
  commit: Commit,
): ExperimentView {
  const before = event.type === 'ExperimentDrafted' ? drafted(event.data, commit) : row;
  if (before === undefined) throw new TypeError(`${event.type} of an experiment that was never drafted`);
  return {
    ...before,
    phase: experimentPhaseAfter[event.type],
    updatedAt: event.data.at,
    ...changesOf(event),
  };
}

type Draft = Extract<Event, { readonly type: 'ExperimentDrafted' }>['data'];

function drafted({ at, spec, clonedFrom }: Draft, commit: Commit) {
  return {
    tenant: commit.tenant,
    id: commit.id,
    position: commit.position,
    phase: 'draft',
    name: spec.name,
    spec,
    hosts: [],
    baseline: null,
    candidate: null,
    verdict: null,
    createdAt: at,
    startedAt: null,
    warmupAt: null,
    measurementAt: null,
    pausedAt: null,
    concludedAt: null,
    endedAt: null,
    updatedAt: at,
    createdBy: commit.actor.id,
    reason: null,
    archived: false,
    clonedFrom: clonedFrom ?? null,
  } satisfies ExperimentView;
}

type Changes = {
  readonly [E in Event as E['type']]: (data: E['data']) => Partial<ExperimentView>;
};

/** What each event changes beside phase and time. A pause ends the measurement: after it, everything begins anew. */
const changes: Changes = {
  ExperimentDrafted: () => ({}),
  ExperimentRevised: ({ spec }) => ({ spec, name: spec.name }),
  ExperimentStarted: ({ at, hosts, baseline, candidate, spec }) => ({
    startedAt: at,
    hosts,
    baseline,
    candidate,
    spec,
    name: spec.name,
  }),
  ExperimentWarmupBegan: ({ at }) => ({ warmupAt: at }),
  ExperimentMeasurementBegan: ({ at }) => ({ measurementAt: at }),
  ExperimentPaused: ({ at, reason }) => ({ pausedAt: at, reason }),
  ExperimentResumed: ({ at }) => ({ warmupAt: at, measurementAt: null, pausedAt: null, reason: null }),
  ExperimentConcluded: ({ at, verdict }) => ({ concludedAt: at, verdict }),
  ExperimentPromotionRequested: ({ reason }) => ({ reason }),
  ExperimentPromoted: ({ at }) => ({ endedAt: at }),
  RollbackRequested: ({ reason }) => ({ reason }),
  ExperimentRolledBack: ({ at }) => ({ endedAt: at }),
  ExperimentStopRequested: ({ reason }) => ({ reason }),
  ExperimentStopped: ({ at }) => ({ endedAt: at }),
  ExperimentFailed: ({ at, reason }) => ({ endedAt: at, reason }),
  ExperimentArchived: () => ({ archived: true }),
};

function changesOf({ type, data }: Event): Partial<ExperimentView> {
  // The table is keyed by the very type that the data belongs to.
  const change = changes[type] as (data: Event['data']) => Partial<ExperimentView>;
  return change(data);
}
