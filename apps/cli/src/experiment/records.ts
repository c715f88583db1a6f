import { Option, type Command } from 'commander';
import type { HistoryAnswer } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';

type Format = 'json' | 'csv' | 'md';

/** `phoenix experiment results|history`. */
export function addRecords(parent: Command, terminal: () => Terminal): void {
  parent
    .command('results <id>')
    .description('the result of a concluded experiment, which never changes')
    .addOption(new Option('--format <format>', 'json, csv or md').choices(['json', 'csv', 'md']))
    .action(async (id: string, { format }: { readonly format?: Format }) => {
      const { json, out } = terminal();
      if (json && format !== undefined && format !== 'json')
        throw new UsageError(`-o json and --format ${format} contradict each other`);
      const wanted = format ?? (json ? 'json' : 'md');
      const session = await openSession();
      const path = `/experiments/${encodeURIComponent(id)}/results`;
      const text = await session.getText(path, { query: { format: wanted } });
      out(wanted === 'json' ? JSON.stringify(JSON.parse(text), null, 2) : text.trimEnd());
    });
  parent
    .command('history <id>')
    .description('who did what, when and why')
    .action(async (id: string) => {
      const session = await openSession();
      const { items } = await session.get<HistoryAnswer>(`/experiments/${encodeURIComponent(id)}/events`);
      print(terminal(), items, () =>
        table(
          ['POSITION', 'AT', 'WHO', 'WHAT', 'WHY'],
          items.map(({ position, at, actor, type, data }) => [
            ...[position, at, `${actor.kind} ${actor.id}`, type],
            data.reason,
          ]),
        ),
      );
    });
}
