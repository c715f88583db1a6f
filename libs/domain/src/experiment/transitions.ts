import type { DomainError } from '../kernel/index.js';
import type { ExperimentCommand } from './commands.js';
import { refuseExperiment, type ExperimentErrorCode } from './errors.js';
import type { ExperimentPhase } from './state.js';

type From = ExperimentPhase | 'absent';
type Moves = Partial<Record<From, ExperimentPhase | 'no-op'>>;

/**
 * The whole state machine: for each command the phases it is legal in and the phase it leads to. The confirmations
 * and beginnings, which machines send, are no-ops where they have already happened, so that a repetition is harmless.
 */
export const experimentTransitions: Record<
  ExperimentCommand['type'],
  { readonly moves: Moves; readonly otherwise: ExperimentErrorCode }
> = {
  DraftExperiment: { moves: { absent: 'draft' }, otherwise: 'experiment-already-exists' },
  ReviseExperiment: { moves: { draft: 'draft' }, otherwise: 'experiment-already-started' },
  StartExperiment: { moves: { draft: 'deploying' }, otherwise: 'experiment-already-started' },
  BeginWarmup: {
    moves: { deploying: 'warming', warming: 'no-op' },
    otherwise: 'experiment-not-deploying',
  },
  BeginMeasurement: {
    moves: { warming: 'running', running: 'no-op' },
    otherwise: 'experiment-not-warming',
  },
  PauseExperiment: {
    moves: { warming: 'paused', running: 'paused' },
    otherwise: 'experiment-not-pausable',
  },
  ResumeExperiment: { moves: { paused: 'warming' }, otherwise: 'experiment-not-paused' },
  ConcludeExperiment: {
    moves: { running: 'concluded', concluded: 'no-op' },
    otherwise: 'experiment-not-running',
  },
  PromoteExperiment: {
    moves: { running: 'promoting', concluded: 'promoting' },
    otherwise: 'experiment-not-promotable',
  },
  ConfirmPromotion: {
    moves: { promoting: 'promoted', promoted: 'no-op' },
    otherwise: 'experiment-not-promoting',
  },
  RollBackExperiment: {
    moves: {
      deploying: 'rolling_back',
      warming: 'rolling_back',
      running: 'rolling_back',
      paused: 'rolling_back',
      concluded: 'rolling_back',
      promoting: 'rolling_back',
      promoted: 'rolling_back',
    },
    otherwise: 'experiment-not-rollbackable',
  },
  ConfirmRollback: {
    moves: { rolling_back: 'rolled_back', rolled_back: 'no-op' },
    otherwise: 'experiment-not-rolling-back',
  },
  StopExperiment: {
    moves: {
      deploying: 'stopping',
      warming: 'stopping',
      running: 'stopping',
      paused: 'stopping',
      concluded: 'stopping',
    },
    otherwise: 'experiment-not-stoppable',
  },
  ConfirmStop: {
    moves: { stopping: 'stopped', stopped: 'no-op' },
    otherwise: 'experiment-not-stopping',
  },
  FailExperiment: {
    moves: { deploying: 'failed', warming: 'failed', running: 'failed', failed: 'no-op' },
    otherwise: 'experiment-cannot-fail',
  },
  ArchiveExperiment: {
    moves: {
      draft: 'archived',
      promoted: 'archived',
      rolled_back: 'archived',
      stopped: 'archived',
      failed: 'archived',
      archived: 'no-op',
    },
    otherwise: 'experiment-still-active',
  },
};

const ENDED: ReadonlySet<From> = new Set(['promoted', 'rolled_back', 'stopped', 'failed', 'archived']);

/** Where a command leads from a phase. @throws DomainError when the state machine has no such move. */
export function nextPhase(command: ExperimentCommand['type'], from: From): ExperimentPhase | 'no-op' {
  const to = experimentTransitions[command].moves[from];
  if (to === undefined) throw illegalMove(command, from);
  return to;
}

/** The most telling refusal: that nothing exists, runs or goes on says more than what the command would need. */
function illegalMove(command: ExperimentCommand['type'], from: From): DomainError {
  const { otherwise } = experimentTransitions[command];
  if (from === 'absent') return refuseExperiment('experiment-not-found');
  if (otherwise === 'experiment-already-exists' || otherwise === 'experiment-already-started')
    return refuseExperiment(otherwise);
  if (from === 'draft') return refuseExperiment('experiment-not-started');
  if (ENDED.has(from)) return refuseExperiment('experiment-ended');
  return refuseExperiment(otherwise);
}
