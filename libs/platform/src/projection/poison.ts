/** Why a commit can never be applied, however often it is tried. */
export type PoisonCode = 'undecodable' | 'misplaced' | 'rejected-by-projection' | 'rejected-by-database';

/** A commit that no retry will help. It parks its aggregate; it is never skipped. */
export class PoisonCommit extends Error {
  override readonly name = 'PoisonCommit';
  /** Always fit to be stored: Postgres takes no NUL in text, and the bad bytes may be quoted here. */
  readonly detail: string;

  constructor(
    readonly code: PoisonCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.detail = detail.replaceAll('\0', '\uFFFD').slice(0, MAX_DETAIL);
  }
}

const MAX_DETAIL = 1000;
