import { ApiProblem, type Accepted, type PhoenixClient } from '#lib/client';
import { print, type Terminal } from '../terminal.js';

/** What a change did, and what can be done about it. */
export interface Change {
  readonly done: string;
  /** The command that takes it back, or why there is none. */
  readonly undo: string;
  /** The command that shows what comes of it. */
  readonly watch: string;
  /** Another command that is likely to come next. */
  readonly next?: string;
}

/** The command that shows what becomes of an experiment. */
export const watching = (id: string): string => `phoenix experiment status ${id} --watch`;

/** For changes without a way back. */
export const againBy = (id: string): string => `none; run it again with phoenix experiment clone ${id}`;

/** Waits until the views hold the change, so that the next command sees it, and prints it with undo and watch. */
export async function announce(
  terminal: Terminal,
  session: PhoenixClient,
  accepted: Accepted,
  change: Change,
): Promise<void> {
  await settle(session, '/experiments', accepted.position);
  printChange(terminal, accepted, change);
}

/** Prints a change with undo and watch; in JSON together with what else is known of it. */
export function printChange(terminal: Terminal, accepted: Pick<Accepted, 'findings'>, change: Change): void {
  const { done, undo, watch, next } = change;
  const warnings = (accepted.findings ?? []).map(
    ({ fix, line, message, path, rule }) =>
      `warning ${path}${line === null ? '' : `:${line}`}: ${message} [${rule}]\n        fix: ${fix}`,
  );
  const follows = next === undefined ? [] : [`next:   ${next}`];
  print(terminal, { ...accepted, undo, watch }, () =>
    [...warnings, done, ...follows, `watch:  ${watch}`, `undo:   ${undo}`].join('\n'),
  );
}

/** Views that stay behind are no failure of the command, which is stored. */
export async function settle(
  session: PhoenixClient,
  list: '/experiments' | '/pipelines',
  atLeast: string,
): Promise<void> {
  try {
    const limit = list === '/experiments' ? { limit: '1' } : {};
    await session.get(list, { query: { ...limit, atLeast } });
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'projection-behind') throw error;
  }
}
