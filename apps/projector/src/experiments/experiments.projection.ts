import {
  experimentHistory,
  experimentView,
  type ExperimentHistoryEntry,
  type ExperimentView,
} from '#lib/database';
import type { EventsOf, StoredCommit } from '#lib/events';
import type { AggregateView } from '../shared/aggregate-view.js';
import { phaseAfter } from './experiment-phases.js';

type Event = EventsOf<'experiment'>;
type Commit = StoredCommit<'experiment'>;

/** `experiment_view` and `experiment_history`. */
export const experimentsView: AggregateView<'experiment', ExperimentView, ExperimentHistoryEntry> = {
  name: 'experiments',
  aggregate: 'experiment',
  table: experimentView,
  begins: 'ExperimentDrafted',
  evolve,
  details: { table: experimentHistory, of: historyOf },
};

function evolve(row: ExperimentView | undefined, event: Event, commit: Commit): ExperimentView {
  const before = event.type === 'ExperimentDrafted' ? drafted(event.data, commit) : row;
  if (before === undefined) throw new TypeError(`${event.type} of an experiment that was never drafted`);
  return { ...before, phase: phaseAfter[event.type], updatedAt: event.data.at, ...changesOf(event) };
}

function drafted(
  { at, spec }: { readonly at: string; readonly spec: ExperimentView['spec'] },
  commit: Commit,
) {
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

function historyOf(commit: Commit): readonly ExperimentHistoryEntry[] {
  return commit.events.map(({ type, data }, ordinal) => ({
    tenant: commit.tenant,
    experimentId: commit.id,
    position: commit.position,
    ordinal,
    type,
    at: data.at,
    actorKind: commit.actor.kind,
    actorId: commit.actor.id,
    commandId: commit.commandId,
    data,
  }));
}
