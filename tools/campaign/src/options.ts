import { parseArgs } from 'node:util';
import { isTemplateId, templateIds, type TemplateId } from '#lib/pipelines';

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
  | {
      readonly command: 'pipelines';
      /** How long each template runs at each end of its parameters. */
      readonly seconds: number;
      /** Collectors at a time. */
      readonly parallel: number;
      /** No new one is begun after so long. */
      readonly minutes: number;
      readonly only: TemplateId | undefined;
      /** Write `docs/campaigns/pipelines.md`. */
      readonly write: boolean;
    }
  | { readonly command: 'check'; readonly file: string };

export const USAGE = `usage: npm run campaign -- link [--seeds 1..20] [--minutes <n>] [--rounds <n>] [--keep <folder>] [--netns] [--write]
       npm run campaign -- pipelines [--seconds <n>] [--parallel <n>] [--minutes <n>] [--only <template>] [--write]
       npm run campaign -- check <history file>`;

/** What was asked for makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const MOST_SEEDS = 10_000;

/** What each command has no use for. */
const othersOf: Readonly<Record<string, readonly string[]>> = {
  link: ['seconds', 'parallel', 'only'],
  pipelines: ['seeds', 'rounds', 'keep', 'netns'],
};

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { positionals, values } = parsed(args);
  const [command, file] = positionals;
  refuseForeign(command, values);
  if (command === 'check' && file !== undefined) return { command, file };
  if (command === 'pipelines') return pipelines(values);
  if (command !== 'link') throw new UsageError('say what is to be done');
  const { keep, minutes = '60', netns = false, rounds = '8', seeds = '1..5', write = false } = values;
  return {
    ...{ command, seeds: seedsOf(seeds), write, keep, netns },
    minutes: wholeNumber('--minutes', minutes),
    rounds: wholeNumber('--rounds', rounds),
  };
}

function refuseForeign(command: string | undefined, values: Values): void {
  const others = othersOf[command ?? ''] ?? [];
  const foreign = Object.keys(values).find((name) => others.includes(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} is no option of ${command}`);
}

type Values = ReturnType<typeof parsed>['values'];

function pipelines({ minutes = '60', only, parallel = '4', seconds = '60', write = false }: Values): Options {
  if (only !== undefined && !isTemplateId(only))
    throw new UsageError(`--only takes one of ${templateIds.join(', ')}, not ${only}`);
  return {
    ...{ command: 'pipelines', only, write },
    seconds: wholeNumber('--seconds', seconds),
    parallel: wholeNumber('--parallel', parallel),
    minutes: wholeNumber('--minutes', minutes),
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
        seconds: { type: 'string' },
        parallel: { type: 'string' },
        only: { type: 'string' },
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
