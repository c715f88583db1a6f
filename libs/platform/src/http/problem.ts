import { STATUS_CODES } from 'node:http';

/** One field of a request that is not as it must be; `field` is its path, such as `spec.hosts.0`. */
export interface FieldProblem {
  readonly field: string;
  readonly problems: readonly string[];
}

/** Body of every answer that is no success: RFC 9457, media type `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  /** A literal that programs may rely on. */
  readonly code: string;
  readonly detail: string;
  /** What the caller can do about it. */
  readonly hint?: string;
  readonly errors?: readonly FieldProblem[];
  /** Found again in our log. */
  readonly instance?: string;
}

export type ProblemParts = Pick<Problem, 'status' | 'code' | 'detail'> &
  Partial<Pick<Problem, 'hint' | 'errors'>>;

/** Completes a problem; the type is a URN made of the code. */
export function problemOf(parts: ProblemParts): Problem {
  return {
    type: `urn:phoenix:problem:${parts.code}`,
    title: STATUS_CODES[parts.status] ?? 'Error',
    ...parts,
  };
}

/** Thrown at the edge for what is no refusal by the rules, such as an unknown id. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly parts: ProblemParts) {
    super(`${parts.code}: ${parts.detail}`);
  }
}
