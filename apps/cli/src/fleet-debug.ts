import type { Command } from 'commander';
import type { HostDebugAnswer } from '#lib/client';
import { exitCodes } from './exit-codes.js';
import { openSession } from './session.js';
import { print, type Terminal } from './terminal.js';

/** `phoenix fleet debug <host>`: why a host does not do well, line by line; exit code 0 only when nothing is bad. */
export function addDebug(fleet: Command, terminal: () => Terminal): void {
  fleet
    .command('debug <host>')
    .description('why a host does not do well: link, clock, outbox and orders, each with a fix')
    .option('--json', 'the same as `-o json`')
    .action(async (host: string, { json = false }: { readonly json?: boolean }) => {
      const session = await openSession();
      const answer = await session.get<HostDebugAnswer>(`/fleet/hosts/${encodeURIComponent(host)}/debug`);
      const { out, json: always } = terminal();
      print({ out, json: json || always }, answer, () => debugText(answer));
      if (answer.checks.some(({ status }) => status === 'bad')) process.exitCode = exitCodes.error;
    });
}

/** One line for each check, and below it the fix where it is not ok. */
export function debugText({ id, status, checks }: HostDebugAnswer): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, status: found, detail, fix }) => {
    const line = `${words[found].padEnd(7)}  ${name.padEnd(width)}  ${detail}`;
    return fix === null ? line : `${line}\n${' '.repeat(11 + width)}fix: ${fix}`;
  });
  return [`host ${id}: ${status}`, ...lines].join('\n');
}

const words: Readonly<Record<HostDebugAnswer['checks'][number]['status'], string>> = {
  ok: 'ok',
  warn: 'warn',
  bad: 'bad',
  'no-data': 'no data',
};
