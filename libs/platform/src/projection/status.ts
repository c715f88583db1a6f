import { NO_POSITION, type Position } from '#lib/events';

/**
 * `standby`: another process holds the lease. `retrying`: the last attempt failed and will be repeated.
 * `checkpoint-ahead`: the rows know commits that the stream does not have; nothing moves until a person has looked.
 */
export type ProjectionState =
  'starting' | 'standby' | 'leading' | 'retrying' | 'checkpoint-ahead' | 'stopped';

/** Where a projection stands, as health and metrics tell it. */
export interface ProjectionStatus {
  readonly projection: string;
  readonly state: ProjectionState;
  readonly position: Position;
  /** End of the stream when it was last asked for. */
  readonly head: Position;
  /** Subjects of parked aggregates. */
  readonly parked: readonly string[];
  /** Message of the last failure while `retrying` or `checkpoint-ahead`. */
  readonly error?: string;
}

/** More unapplied commits than this make a projection unready. */
export const MAX_READY_LAG = 10_000;
/** Health names this many parked aggregates; the table has them all. */
const NAMED_PARKED = 5;

/** The status before anything is known. */
export function initialStatus(projection: string): ProjectionStatus {
  return { projection, state: 'starting', position: NO_POSITION, head: NO_POSITION, parked: [] };
}

/** Commits that are stored but not in the rows yet. */
export function lagOf({ head, position }: ProjectionStatus): number {
  return Math.max(0, head - position);
}

/** Why a projection is not ready, in sentences; empty when it is. A standby is ready: its rows are another's work. */
export function projectionProblems(status: ProjectionStatus): readonly string[] {
  const { projection, parked } = status;
  const problems = [stateProblem(status)];
  if (status.state === 'leading' && lagOf(status) > MAX_READY_LAG)
    problems.push(`${projection} is ${lagOf(status)} commits behind`);
  if (parked.length > 0)
    problems.push(
      `${projection} has parked ${parked.length} aggregates: ${parked.slice(0, NAMED_PARKED).join(', ')}`,
    );
  return problems.filter((problem) => problem !== undefined);
}

function stateProblem({ projection, state, error }: ProjectionStatus): string | undefined {
  switch (state) {
    case 'leading':
    case 'standby':
      return undefined;
    case 'starting':
      return `${projection} is starting`;
    case 'stopped':
      return `${projection} is stopped`;
    case 'retrying':
    case 'checkpoint-ahead':
      return `${projection} is ${state}: ${error ?? 'unknown'}`;
  }
}
