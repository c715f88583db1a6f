import { parseArgs } from 'node:util';

/** What was asked for on the command line. */
export interface Options {
  /** Only figures whose names begin so; empty for all. */
  readonly only: string;
  readonly json: boolean;
  /** Write `docs/benchmarks.md`. */
  readonly write: boolean;
}

export const USAGE = 'usage: npm run bench [-- [--only <prefix>] [--json]] [-- --write]';

/** What was asked for makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError for an unknown option, and where a part of the figures would be written as all of them */
export function readOptions(args: readonly string[]): Options {
  const { only = '', json = false, write = false } = parsed(args);
  if (write && only !== '') throw new UsageError('--write takes a full run, so it does not go with --only');
  return { only, json, write };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { only: { type: 'string' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
