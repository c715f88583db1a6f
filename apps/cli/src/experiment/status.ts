import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiProblem,
  figureText,
  reductionLine,
  type ExperimentAnswer,
  type KpiAnswer,
  type PhoenixClient,
} from '#lib/client';
import { UsageError, WaitedTooLong } from '../exit-codes.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';
import { wholeNumber } from './values.js';

const WATCH_MS = 2_000;
/** Phases in which nothing changes any more by itself. */
const SETTLED = new Set(['draft', 'concluded', 'promoted', 'rolled_back', 'stopped', 'failed', 'archived']);

/** `phoenix experiment status`. */
export function addQueries(parent: Command, terminal: () => Terminal): void {
  parent
    .command('status <id>')
    .description('phase, figures and verdict')
    .option('--watch', 'show each change until nothing changes any more by itself')
    .option('--timeout <seconds>', 'give up watching after this long, with exit code 6')
    .option('--at <moment>', 'as it was at a position or an ISO 8601 time')
    .action(async (id: string, options: StatusOptions) => {
      if (options.at !== undefined) await showPast(terminal(), id, options);
      else await show(terminal(), id, options);
    });
}

interface StatusOptions {
  readonly watch?: boolean;
  readonly timeout?: string;
  readonly at?: string;
}

async function show(terminal: Terminal, id: string, options: StatusOptions): Promise<void> {
  const { watch = false, timeout } = options;
  const patience = timeout === undefined ? undefined : 1000 * wholeNumber('--timeout', timeout);
  const session = await openSession();
  if (watch) await showUntilSettled(terminal, id, { session, patience });
  else showStatus(terminal, await readStatus(session, id));
}

async function showUntilSettled(
  terminal: Terminal,
  id: string,
  { session, patience }: { readonly session: PhoenixClient; readonly patience: number | undefined },
): Promise<void> {
  const signal = patience === undefined ? undefined : AbortSignal.timeout(patience);
  let shown = '';
  for (let current = session; ;) {
    try {
      const status = await readStatus(current, id);
      const text = statusText(status.experiment, status.kpis);
      // A watcher is told what is new, not what still is.
      if (text !== shown) showStatus(terminal, status);
      shown = text;
      if (SETTLED.has(status.experiment.phase)) return;
    } catch (error) {
      // A token does not live as long as an experiment.
      if (!isExpired(error)) throw error;
      current = await openSession();
    }
    await sleep(WATCH_MS, undefined, signal && { signal }).catch(() => undefined);
    if (signal?.aborted === true) throw new WaitedTooLong(`${id} has not settled in the time it was given`);
  }
}

function showStatus(terminal: Terminal, status: Awaited<ReturnType<typeof readStatus>>): void {
  print(terminal, status, () => statusText(status.experiment, status.kpis));
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.status === 401;
}

/** An earlier state has no figures of its own time. */
async function showPast(terminal: Terminal, id: string, { at, watch }: StatusOptions): Promise<void> {
  if (watch === true) throw new UsageError('the past does not change: leave out --watch or --at');
  const session = await openSession();
  const path = `/experiments/${encodeURIComponent(id)}`;
  const experiment = await session.get<ExperimentAnswer>(path, { query: { at } });
  print(terminal, { experiment }, () => statusText(experiment, undefined));
}

async function readStatus(
  session: PhoenixClient,
  id: string,
): Promise<{ readonly experiment: ExperimentAnswer; readonly kpis: KpiAnswer | undefined }> {
  const path = `/experiments/${encodeURIComponent(id)}`;
  const experiment = await session.get<ExperimentAnswer>(path);
  try {
    return { experiment, kpis: await session.get<KpiAnswer>(`${path}/kpis`) };
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status < 500) return { experiment, kpis: undefined };
    throw error;
  }
}

/** The state of an experiment in words. */
export function statusText(experiment: ExperimentAnswer, kpis: KpiAnswer | undefined): string {
  const { id, name, phase, verdict, reason, hosts } = experiment;
  return [
    `${id}  ${name}  ${phase}${reason === null || reason === '' ? '' : ` (${reason})`}  hosts ${hosts.length}`,
    ...(kpis === undefined ? [] : kpiLines(kpis).map((line) => `  ${line}`)),
    ...(verdict === null
      ? []
      : [
          `  verdict ${verdict.decision} | ${verdict.scope.hosts}, ${verdict.scope.time} | ${verdict.reason}`,
        ]),
  ].join('\n');
}

/** The figures that decide, one line each. */
export function kpiLines(kpis: KpiAnswer): readonly string[] {
  const { coverage, collector, windows, gapSeconds } = kpis;
  const counted = `windows ${windows} | gap seconds ${gapSeconds}`;
  const reason = onlyReason(kpis);
  if (reason !== undefined) return [`no data (${reason})`, counted];
  return [
    reductionLine(kpis),
    `critical processes ${figureText(coverage.critical)} | all processes ${figureText(coverage.processes)}`,
    `collector CPU ${figureText(collector.baseline.cpu)} vs ${figureText(collector.candidate.cpu)}` +
      ` | memory ${figureText(collector.baseline.memory)} vs ${figureText(collector.candidate.memory)}`,
    counted,
  ];
}

/** Why there is no figure at all, where all of them have the same reason. */
function onlyReason({ collector, coverage, series }: KpiAnswer): string | undefined {
  const { baseline, candidate, reduction } = series;
  const usage = [collector.baseline, collector.candidate].flatMap(({ cpu, memory }) => [cpu, memory]);
  const figures = [baseline, candidate, reduction, coverage.critical, coverage.processes, ...usage];
  const reasons = new Set(figures.map((figure) => ('noData' in figure ? figure.reason : undefined)));
  const [reason] = reasons;
  return reasons.size === 1 ? reason : undefined;
}
