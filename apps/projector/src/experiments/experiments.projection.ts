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
  evolve,
  details: { table: experimentHistory, of: historyOf },
};

function evolve(row: ExperimentView | undefined, event: Event, commit: Commit): ExperimentView {
  const before = event.type === 'ExperimentDrafted' ? drafted(event.data, commit) : row;
  if (before === undefined) throw new TypeError(`${event.type} of an experiment that was never drafted`);
  const changed = { phase: phaseAfter[event.type], updatedAt: event.data.at };
  return { ...before, ...changed, ...changesOf(event) };
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

/** What an event changes beside phase and time. */
function changesOf(event: Event): Partial<ExperimentView> {
  switch (event.type) {
    case 'ExperimentDrafted':
    case 'ExperimentRevised':
      return { spec: event.data.spec, name: event.data.spec.name };
    case 'ExperimentStarted': {
      const { at, hosts, baseline, candidate, spec } = event.data;
      return { startedAt: at, hosts, baseline, candidate, spec, name: spec.name };
    }
    case 'ExperimentConcluded':
      return { concludedAt: event.data.at, verdict: event.data.verdict };
    case 'ExperimentPromotionRequested':
    case 'RollbackRequested':
    case 'ExperimentStopRequested':
      return { reason: event.data.reason };
    case 'ExperimentFailed':
      return { reason: event.data.reason, endedAt: event.data.at };
    case 'ExperimentPromoted':
    case 'ExperimentRolledBack':
    case 'ExperimentStopped':
      return { endedAt: event.data.at };
    case 'ExperimentArchived':
      return { archived: true };
    case 'ExperimentWarmupBegan':
    case 'ExperimentMeasurementBegan':
    case 'ExperimentPaused':
    case 'ExperimentResumed':
      return stageChangesOf(event);
  }
}

type StageEvent = Extract<
  Event,
  {
    type: 'ExperimentWarmupBegan' | 'ExperimentMeasurementBegan' | 'ExperimentPaused' | 'ExperimentResumed';
  }
>;

/** A pause ends the measurement: after it, warm-up and measurement begin anew. */
function stageChangesOf({ type, data }: StageEvent): Partial<ExperimentView> {
  switch (type) {
    case 'ExperimentWarmupBegan':
      return { warmupAt: data.at };
    case 'ExperimentMeasurementBegan':
      return { measurementAt: data.at };
    case 'ExperimentPaused':
      return { pausedAt: data.at, reason: data.reason };
    case 'ExperimentResumed':
      return { warmupAt: data.at, measurementAt: null, pausedAt: null, reason: null };
  }
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
