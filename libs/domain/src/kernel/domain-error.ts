/** A refusal by the rules: a literal code for programs, a sentence for people, and what they can do about it. */
export class DomainError<Code extends string = string> extends Error {
  override readonly name = 'DomainError';
  constructor(
    readonly code: Code,
    readonly detail: string,
    readonly hint?: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** True for every refusal, whatever copy of the class threw it. */
export function isDomainError(error: unknown): error is DomainError {
  return error instanceof Error && error.name === 'DomainError' && 'code' in error;
}
