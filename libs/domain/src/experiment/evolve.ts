import type { ExperimentEvent } from '#lib/events';
import { isStarted, type ExperimentState, type Run, type StartedExperiment } from './state.js';

type LaterEvent = Exclude<
  ExperimentEvent,
  { type: 'ExperimentDrafted' | 'ExperimentRevised' | 'ExperimentStarted' | 'ExperimentArchived' }
>;

/** The phase that follows each event of a started experiment. */
const phaseAfter: Record<LaterEvent['type'], StartedExperiment['phase']> = {
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
};

/** @throws TypeError when the event cannot follow the state, which only a damaged history can bring about. */
export function evolve(state: ExperimentState, event: ExperimentEvent): ExperimentState {
  if (event.type === 'ExperimentDrafted' || event.type === 'ExperimentRevised')
    return { phase: 'draft', spec: event.data.spec };
  if (event.type === 'ExperimentStarted') {
    const { at, hosts, baseline, candidate, spec } = event.data;
    return { phase: 'deploying', spec, run: { hosts, baseline, candidate, startedAt: at } };
  }
  if (event.type === 'ExperimentArchived') {
    if (state.phase === 'absent') throw impossible(state, event);
    return { ...state, phase: 'archived' };
  }
  if (!isStarted(state)) throw impossible(state, event);
  return { ...state, phase: phaseAfter[event.type], run: runAfter(state.run, event) };
}

/** Most events change the phase only. */
function runAfter(run: Run, event: LaterEvent): Run {
  const { at } = event.data;
  if (event.type === 'ExperimentWarmupBegan') return { ...run, warmupAt: at };
  if (event.type === 'ExperimentMeasurementBegan') return { ...run, measurementAt: at };
  if (event.type === 'ExperimentResumed') {
    const { measurementAt: _before, stopMode: _mode, ...rest } = run;
    return { ...rest, warmupAt: at };
  }
  if (event.type === 'ExperimentConcluded') return { ...run, verdict: event.data.verdict };
  if (stopsCandidate(event)) return { ...run, stopMode: event.data.mode };
  return run;
}

type Stopping = Extract<LaterEvent, { readonly data: { readonly mode: unknown } }>;

function stopsCandidate(event: LaterEvent): event is Stopping {
  return 'mode' in event.data;
}

function impossible(state: ExperimentState, event: ExperimentEvent): TypeError {
  return new TypeError(`${event.type} cannot follow the phase ${state.phase}`);
}
