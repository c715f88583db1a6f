import type { Command } from 'commander';
import type { Accepted, PageAnswer, TaskAnswer, TaskDetailAnswer } from '#lib/client';
import { wholeNumber } from '../experiment/values.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';
import { ask, requireDone } from './ask.js';
import { addPreflight } from './preflight.js';
import { reportText } from './report-text.js';
import { addSimulate } from './simulate.js';

interface RunOptions {
  readonly variant: string;
  readonly within: string;
  readonly lines?: string;
  readonly wait: boolean;
}

/** `phoenix task logs|restart|preflight|simulate|list|show|cancel`. */
export function addTask(program: Command, terminal: () => Terminal): void {
  const task = program.command('task').description('one-shot tasks on hosts');
  runner(task, 'logs <host>', 'the last lines of a collector log')
    .option('--lines <n>', 'how many', '100')
    .action((host: string, options: RunOptions) => run(terminal(), host, 'CollectLogs', options));
  runner(task, 'restart <host>', 'another process of a collector, without a gap').action(
    (host: string, options: RunOptions) => run(terminal(), host, 'RestartCollector', options),
  );
  addPreflight(task, terminal);
  addSimulate(task, terminal);
  addQueries(task, terminal);
  task
    .command('cancel <id>')
    .description('take a task back, also before it has arrived')
    .option('--reason <text>', 'why; it stays on record')
    .action(async (id: string, { reason }: { readonly reason?: string }) => {
      const session = await openSession();
      const body = reason === undefined ? {} : { reason };
      const answer = await session.post<Accepted>(`/tasks/${encodeURIComponent(id)}/cancel`, { body });
      print(terminal(), answer, () => `cancelling ${id}\nwatch:  phoenix task show ${id}`);
    });
}

function runner(task: Command, words: string, description: string): Command {
  return task
    .command(words)
    .description(description)
    .option('--variant <name>', 'baseline or candidate', 'baseline')
    .option('--within <seconds>', 'the task expires after this long', '300')
    .option('--no-wait', 'do not wait for the result');
}

function addQueries(task: Command, terminal: () => Terminal): void {
  task
    .command('list')
    .description('tasks, newest first')
    .option('--host <id>', 'only of this host')
    .action(async ({ host }: { readonly host?: string }) => {
      const session = await openSession();
      const page = await session.get<PageAnswer<TaskAnswer>>('/tasks', { query: { host } });
      print(terminal(), page.items, () =>
        table(
          ['ID', 'HOST', 'KIND', 'PHASE', 'ASKED AT'],
          page.items.map(({ id, host: on, kind, phase, requestedAt }) => [id, on, kind, phase, requestedAt]),
        ),
      );
    });
  task
    .command('show <id>')
    .description('one task with its result and every stage')
    .action(async (id: string) => {
      const session = await openSession();
      const found = await session.get<TaskDetailAnswer>(`/tasks/${encodeURIComponent(id)}`);
      print(terminal(), found, () => detailText(found));
    });
}

async function run(terminal: Terminal, host: string, kind: string, options: RunOptions): Promise<void> {
  const within = wholeNumber('--within', options.within);
  const lines = options.lines === undefined ? {} : { lines: wholeNumber('--lines', options.lines) };
  const ended = await ask(
    { terminal, host, wait: options.wait },
    { kind, variant: options.variant, deadlineSeconds: within, ...lines },
  );
  if (ended === undefined) return;
  print(terminal, ended, () => ended.detail ?? ended.phase);
  requireDone(ended);
}

function detailText({ id, host, kind, phase, detail, stages }: TaskDetailAnswer): string {
  const way = stages.map(({ stage, at, detail: why }) => [at, stage, stage === phase ? '' : (why ?? '')]);
  return [
    `${id}: ${kind} on ${host}, ${phase}`,
    table(['AT', 'STAGE', ''], way),
    ...(detail === null ? [] : ['', reportText(detail) ?? detail]),
  ].join('\n');
}
