import type { ExperimentEvent } from '#lib/events';
import { assertNever, type Decider } from '../kernel/index.js';
import type { DraftExperiment, ExperimentCommand, PromoteExperiment, StartExperiment } from './commands.js';
import { evolve } from './evolve.js';
import { requireFreeHosts, requirePromotable, requireValidSpec, verdictPromotes } from './rules.js';
import type { ExperimentState } from './state.js';
import { nextPhase } from './transitions.js';

export const experimentDecider: Decider<'experiment', ExperimentCommand, ExperimentState> = {
  aggregate: 'experiment',
  initialState: () => ({ phase: 'absent' }),
  decide: (command, state) =>
    nextPhase(command.type, state.phase) === 'no-op' ? [] : [eventOf(command, state)],
  evolve,
};

/** The event of a command that the state machine allows. @throws DomainError when another rule refuses it. */
// One case per command: the length is the vocabulary's, and each case is one line of meaning.
// eslint-disable-next-line complexity
function eventOf(command: ExperimentCommand, state: ExperimentState): ExperimentEvent {
  const { at } = command;
  switch (command.type) {
    case 'DraftExperiment':
      requireValidSpec(command.spec);
      return { type: 'ExperimentDrafted', data: draftOf(command) };
    case 'ReviseExperiment':
      requireValidSpec(command.spec);
      return { type: 'ExperimentRevised', data: { at, spec: command.spec } };
    case 'StartExperiment':
      return started(command, state);
    case 'BeginWarmup':
      return { type: 'ExperimentWarmupBegan', data: { at } };
    case 'BeginMeasurement':
      return { type: 'ExperimentMeasurementBegan', data: { at } };
    case 'PauseExperiment':
      return { type: 'ExperimentPaused', data: { at, reason: command.reason, mode: command.mode } };
    case 'ResumeExperiment':
      return { type: 'ExperimentResumed', data: { at } };
    case 'ConcludeExperiment':
      return { type: 'ExperimentConcluded', data: { at, verdict: command.verdict } };
    case 'PromoteExperiment':
      return promotionRequested(command, state);
    case 'ConfirmPromotion':
      return { type: 'ExperimentPromoted', data: { at } };
    case 'RollBackExperiment': {
      const { mode, requestedBy, reason } = command;
      const data = { at, aggregate: 'experiment', mode, requestedBy, reason, target: 'baseline' } as const;
      return { type: 'RollbackRequested', data };
    }
    case 'ConfirmRollback':
      return { type: 'ExperimentRolledBack', data: { at } };
    case 'StopExperiment':
      return { type: 'ExperimentStopRequested', data: { at, reason: command.reason, mode: command.mode } };
    case 'ConfirmStop':
      return { type: 'ExperimentStopped', data: { at } };
    case 'FailExperiment':
      return { type: 'ExperimentFailed', data: { at, reason: command.reason } };
    case 'ArchiveExperiment':
      return { type: 'ExperimentArchived', data: { at } };
    default:
      return assertNever(command);
  }
}

function draftOf({ at, spec, clonedFrom }: DraftExperiment) {
  return { at, spec, ...(clonedFrom === undefined ? {} : { clonedFrom }) };
}

function started(command: StartExperiment, state: ExperimentState): ExperimentEvent {
  requireFreeHosts(command);
  if (state.phase !== 'draft') throw new TypeError(`a ${state.phase} experiment has no draft to start`);
  const { at, baseline, candidate } = command;
  const hosts = [...new Set(command.hosts)];
  return { type: 'ExperimentStarted', data: { at, hosts, baseline, candidate, spec: state.spec } };
}

function promotionRequested(command: PromoteExperiment, state: ExperimentState): ExperimentEvent {
  requirePromotable(command, state);
  const { at, reason } = command;
  // The record says what was the case, not what the caller was prepared for.
  return {
    type: 'ExperimentPromotionRequested',
    data: { at, reason, despiteVerdict: !verdictPromotes(state) },
  };
}
