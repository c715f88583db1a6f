import { ApiProblem, ApiUnreachable } from '#lib/client';
import { NoConnection } from './cli.config.js';

/** What a script can rely on. */
export const exitCodes = { ok: 0, error: 1, usage: 2, refused: 3, notFound: 4, auth: 5, timeOut: 6 } as const;

/** Thrown when the words of a command cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Thrown when a task that was waited for ended otherwise than done. */
export class TaskNotDone extends Error {
  override readonly name = 'TaskNotDone';
  constructor(
    id: string,
    readonly phase: string,
  ) {
    super(`task ${id}: ${phase}`);
  }
}

/** Thrown when a preflight was done, and what it found should not be rolled out. */
export class PreflightNotPassed extends Error {
  override readonly name = 'PreflightNotPassed';
  constructor(problem: string) {
    super(`preflight not passed: ${problem}`);
  }
}

/** Thrown when a candidate would lose executables that were named as critical. */
export class CriticalLost extends Error {
  override readonly name = 'CriticalLost';
  constructor(names: readonly string[]) {
    super(`critical processes would be lost: ${names.join(', ')}`);
  }
}

/** Thrown when something that was waited for did not come in time. */
export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong';
}

/** Something was tried, and should not be rolled out. */
const foundProblems = [PreflightNotPassed, CriticalLost];

/** The exit code that tells a script what kind of failure this was. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof TaskNotDone) return error.phase === 'failed' ? exitCodes.error : exitCodes.timeOut;
  if (foundProblems.some((kind) => error instanceof kind)) return exitCodes.refused;
  if (error instanceof WaitedTooLong) return exitCodes.timeOut;
  if (error instanceof NoConnection) return exitCodes.error;
  if (error instanceof ApiUnreachable) return error.timedOut ? exitCodes.timeOut : exitCodes.error;
  if (error instanceof ApiProblem) return exitCodeOfStatus(error.problem.status);
  return exitCodes.error;
}

function exitCodeOfStatus(status: number): number {
  if (status === 401 || status === 403) return exitCodes.auth;
  if (status === 404) return exitCodes.notFound;
  if (status === 408 || status === 504) return exitCodes.timeOut;
  if (status >= 400 && status < 500) return exitCodes.refused;
  return exitCodes.error;
}
