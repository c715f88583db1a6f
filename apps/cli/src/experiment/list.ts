import type { Command } from 'commander';
import type { ExperimentSummary, PageAnswer, PhoenixClient } from '#lib/client';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';
import { collect, wholeNumber } from './values.js';

interface ListOptions {
  readonly phase?: string;
  readonly name?: string;
  readonly host?: string;
  readonly label: readonly string[];
  readonly template?: string;
  readonly sort?: string;
  readonly archived?: boolean;
  readonly limit?: string;
}

const LARGEST_PAGE = 200;

/** `phoenix experiment list`: all of them, page by page. */
export function addList(parent: Command, terminal: () => Terminal): void {
  parent
    .command('list')
    .description('experiments, newest first')
    .option('--phase <names>', 'only in these phases, separated by commas')
    .option('--name <text>', 'only with this in the name')
    .option('--host <id>', 'only those of a host')
    .option('--label <key=value>', 'only those that target a label (repeatable)', collect, [])
    .option('--template <name>', 'only with this candidate')
    .option('--sort <field>', 'createdAt, updatedAt or name; a minus sign sorts downwards')
    .option('--archived', 'also those that are archived')
    .option('--limit <n>', 'only the first n')
    .action(async (options: ListOptions) => {
      const most = options.limit === undefined ? Infinity : wholeNumber('--limit', options.limit);
      const found = await all(await openSession(), options, most);
      print(terminal(), found, () =>
        table(
          ['ID', 'NAME', 'PHASE', 'VERDICT'],
          found.map(({ id, name, phase, decision }) => [id, name, phase, decision ?? '']),
        ),
      );
    });
}

async function all(
  session: PhoenixClient,
  { limit: _limit, archived, ...filter }: ListOptions,
  most: number,
): Promise<readonly ExperimentSummary[]> {
  const found = new Map<string, ExperimentSummary>();
  let cursor: string | undefined;
  do {
    const limit = String(Math.min(LARGEST_PAGE, most));
    const query = { ...filter, ...(archived === true ? { archived: 'true' } : {}), limit, cursor };
    const page = await session.get<PageAnswer<ExperimentSummary>>('/experiments', { query });
    // What changes while pages are turned comes again, newer.
    for (const experiment of page.items) found.set(experiment.id, experiment);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.size < most);
  return [...found.values()].slice(0, most);
}
