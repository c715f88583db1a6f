/** An RFC 9457 problem as command-api answers it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** Thrown for every answer that is no success. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(readonly problem: Problem) {
    super([problem.detail ?? problem.title, problem.hint].filter(Boolean).join(' '));
  }
}

/** Thrown when no answer came at all. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
  constructor(
    readonly url: string,
    readonly timedOut: boolean,
  ) {
    super(timedOut ? `${url} did not answer in time` : `nothing answers at ${url}`);
  }
}
