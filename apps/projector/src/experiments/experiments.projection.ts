import {
  experimentHistory,
  experimentRowAfter,
  experimentView,
  type ExperimentHistoryEntry,
  type ExperimentView,
} from '#lib/database';
import type { StoredCommit } from '#lib/events';
import type { AggregateView } from '../shared/aggregate-view.js';

type Commit = StoredCommit<'experiment'>;

/** `experiment_view` and `experiment_history`. */
export const experimentsView: AggregateView<'experiment', ExperimentView, ExperimentHistoryEntry> = {
  name: 'experiments',
  aggregate: 'experiment',
  table: experimentView,
  begins: 'ExperimentDrafted',
  evolve: experimentRowAfter,
  details: { table: experimentHistory, of: historyOf },
};

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
