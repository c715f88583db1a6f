import { parseArgs } from 'node:util';

/** What was asked for on the command line. */
export type Options =
  | {
      readonly command: 'link';
      readonly seeds: readonly number[];
      /** No new seed is begun after so long. */
      readonly minutes: number;
      readonly rounds: number;
      /** Write `docs/campaigns/link.md`, or `link-netns.md`. */
      readonly write: boolean;
      /** Where histories are kept; only of seeds with violations where it is left out. */
      readonly keep: string | undefined;
      /** Real links between network namespaces in place of proxies; needs root. */
      readonly netns: boolean;
    }
  | { readonly command: 'check'; readonly file: string };

export const USAGE = `usage: npm run campaign -- link [--seeds 1..20] [--minutes <n>] [--rounds <n>] [--keep <folder>] [--netns] [--write]
       npm run campaign -- check <history file>`;

/** What was asked for makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const MOST_SEEDS = 10_000;

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { positionals, values } = parsed(args);
  const [command, file] = positionals;
  if (command === 'check' && file !== undefined) return { command, file };
  if (command !== 'link') throw new UsageError('say what is to be done');
  const { keep, minutes = '60', netns = false, rounds = '8', seeds = '1..5', write = false } = values;
  return {
    ...{ command, seeds: seedsOf(seeds), write, keep, netns },
    minutes: wholeNumber('--minutes', minutes),
    rounds: wholeNumber('--rounds', rounds),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seeds: { type: 'string' },
        minutes: { type: 'string' },
        rounds: { type: 'string' },
        keep: { type: 'string' },
        write: { type: 'boolean' },
        netns: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** `7`, or `1..20` with both ends. */
function seedsOf(text: string): readonly number[] {
  const [, from = '', to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || last < first || last - first >= MOST_SEEDS)
    throw new UsageError(`--seeds takes a number or a range such as 1..20, not ${text}`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`${name} takes a whole number above 0, not ${text}`);
  return Number(text);
}
