import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Accepted, PageAnswer, PhoenixClient, TaskAnswer, TaskDetailAnswer } from '#lib/client';
import { TaskNotDone, UsageError } from '../exit-codes.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';

const POLL_MS = 500;
/** The gateway gives a host some time beyond the deadline to report. */
const PATIENCE_SECONDS = 90;
const ENDED = new Set(['done', 'failed', 'expired', 'cancelled']);

interface RunOptions {
  readonly variant: string;
  readonly within: string;
  readonly lines?: string;
  readonly wait: boolean;
}

/** `phoenix task logs|restart|list|show|cancel`. */
export function addTask(program: Command, terminal: () => Terminal): void {
  const task = program.command('task').description('one-shot tasks on hosts');
  runner(task, 'logs <host>', 'the last lines of a collector log')
    .option('--lines <n>', 'how many', '100')
    .action((host: string, options: RunOptions) => run(terminal(), host, 'CollectLogs', options));
  runner(task, 'restart <host>', 'another process of a collector, without a gap').action(
    (host: string, options: RunOptions) => run(terminal(), host, 'RestartCollector', options),
  );
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
  const deadlineSeconds = wholeNumber('--within', options.within);
  const lines = options.lines === undefined ? {} : { lines: wholeNumber('--lines', options.lines) };
  const session = await openSession();
  const accepted = await session.post<Accepted>(`/fleet/hosts/${encodeURIComponent(host)}/tasks`, {
    body: { kind, variant: options.variant, deadlineSeconds, ...lines },
    idempotencyKey: randomUUID(),
  });
  if (!options.wait) {
    const { id } = accepted;
    const words = `asked for ${id}\nwatch:  phoenix task show ${id}\nundo:   phoenix task cancel ${id}`;
    print(terminal, accepted, () => words);
    return;
  }
  const ended = await untilEnded(session, accepted, deadlineSeconds);
  print(terminal, ended, () => ended.detail ?? ended.phase);
  if (ended.phase !== 'done') throw new TaskNotDone(ended.id, ended.phase);
}

async function untilEnded(
  session: PhoenixClient,
  { id, position }: Accepted,
  deadlineSeconds: number,
): Promise<TaskDetailAnswer> {
  const patience = AbortSignal.timeout((deadlineSeconds + PATIENCE_SECONDS) * 1000);
  const path = `/tasks/${encodeURIComponent(id)}`;
  for (;;) {
    const task = await session.get<TaskDetailAnswer>(path, { query: { atLeast: position } });
    if (ENDED.has(task.phase) || patience.aborted) return task;
    await sleep(POLL_MS);
  }
}

function detailText({ id, host, kind, phase, detail, stages }: TaskDetailAnswer): string {
  const way = stages.map(({ stage, at, detail: why }) => [at, stage, stage === phase ? '' : (why ?? '')]);
  return [
    `${id}: ${kind} on ${host}, ${phase}`,
    table(['AT', 'STAGE', ''], way),
    ...(detail === null ? [] : ['', detail]),
  ].join('\n');
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes a whole number, not "${text}"`);
}
