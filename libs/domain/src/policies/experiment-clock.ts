import type { HostId, Verdict } from '#lib/events';
import type {
  BeginMeasurement,
  BeginWarmup,
  ConcludeExperiment,
  ExperimentState,
  FailExperiment,
} from '../experiment/index.js';
import { isoTime } from '../figures.js';
import { deadlines } from './deadlines.js';

/** What the owner of the experiment clock knows when it ticks. */
export type ClockEvidence = {
  /** Every target host reports both variants with the right configuration now. */
  readonly everyHostReportsBothVariants: boolean;
  /** The target hosts that do not. */
  readonly missingHosts: readonly HostId[];
  /** The verdict that the blocks so far carry; looked at only while the experiment is running. */
  readonly verdict?: Verdict;
  /** A person asked for the conclusion now, with what there is. */
  readonly conclusionRequested?: boolean;
  /**
   * Whether a decided verdict may end the experiment from the minimum on. The interval over time holds for one look
   * at a time fixed beforehand, so looking until it decides needs somebody's consent.
   */
  readonly mayConcludeEarly?: boolean;
};

export type ClockCommand = BeginWarmup | BeginMeasurement | ConcludeExperiment | FailExperiment;

/** The next step of an experiment at `now` (ms since the epoch), or undefined while it has to wait. Pure. */
export function experimentClockStep(
  state: ExperimentState,
  evidence: ClockEvidence,
  now: number,
): ClockCommand | undefined {
  if (state.phase === 'deploying') return whenDeploying(state, evidence, now);
  if (state.phase === 'warming') return whenWarming(state, evidence, now);
  if (state.phase === 'running') return whenRunning(state, evidence, now);
  return undefined;
}

function whenDeploying(
  state: ExperimentState,
  evidence: ClockEvidence,
  now: number,
): ClockCommand | undefined {
  if (evidence.everyHostReportsBothVariants) return { type: 'BeginWarmup', at: isoTime(now) };
  const { deployment } = deadlines(state);
  if (!isPast(deployment, now)) return undefined;
  return failure('Deployment took too long', evidence, now);
}

function whenWarming(state: ExperimentState, evidence: ClockEvidence, now: number): ClockCommand | undefined {
  const { warmupEnd, warmupLimit } = deadlines(state);
  if (evidence.everyHostReportsBothVariants)
    return isPast(warmupEnd, now) ? { type: 'BeginMeasurement', at: isoTime(now) } : undefined;
  return isPast(warmupLimit, now) ? failure('Warm-up took too long', evidence, now) : undefined;
}

function whenRunning(state: ExperimentState, evidence: ClockEvidence, now: number): ClockCommand | undefined {
  const { verdict, conclusionRequested = false, mayConcludeEarly = false } = evidence;
  if (verdict === undefined) return undefined;
  const { minimumEnd, maximumEnd } = deadlines(state);
  const isDecided = verdict.decision === 'promote' || verdict.decision === 'keep-baseline';
  const isDue =
    conclusionRequested ||
    isPast(maximumEnd, now) ||
    (mayConcludeEarly && isDecided && isPast(minimumEnd, now));
  return isDue ? { type: 'ConcludeExperiment', at: isoTime(now), verdict } : undefined;
}

/** Names the missing hosts, as many as the reason of an event holds. */
function failure(what: string, { missingHosts }: ClockEvidence, now: number): FailExperiment {
  const named = missingHosts.slice(0, 5).join(', ');
  const more = missingHosts.length > 5 ? ` and ${missingHosts.length - 5} more` : '';
  const reason = `${what}: ${missingHosts.length} host(s) do not report both variants: ${named}${more}.`;
  return { type: 'FailExperiment', at: isoTime(now), reason };
}

function isPast(deadline: number | undefined, now: number): boolean {
  return deadline !== undefined && now >= deadline;
}
