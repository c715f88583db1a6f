import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiProblem,
  figureText,
  reductionLine,
  type ExperimentAnswer,
  type ExperimentSummary,
  type KpiAnswer,
  type PageAnswer,
  type PhoenixClient,
} from '#lib/client';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';

const WATCH_MS = 2_000;
/** Phases in which nothing changes any more by itself. */
const SETTLED = new Set(['draft', 'concluded', 'promoted', 'rolled_back', 'stopped', 'failed', 'archived']);

/** `phoenix experiment list|status`. */
export function addQueries(parent: Command, terminal: () => Terminal): void {
  parent
    .command('list')
    .description('all experiments that are not archived')
    .action(async () => {
      const session = await openSession();
      const page = await session.get<PageAnswer<ExperimentSummary>>('/experiments');
      print(terminal(), page.items, () =>
        table(
          ['ID', 'NAME', 'PHASE', 'VERDICT'],
          page.items.map(({ id, name, phase, decision }) => [id, name, phase, decision ?? '']),
        ),
      );
    });
  parent
    .command('status <id>')
    .description('phase, figures and verdict')
    .option('--watch', 'show it again until nothing changes any more')
    .action(async (id: string, options: { readonly watch?: boolean }) => {
      const session = await openSession();
      for (;;) {
        const { experiment, kpis } = await readStatus(session, id);
        print(terminal(), { experiment, kpis }, () => statusText(experiment, kpis));
        if (options.watch !== true || SETTLED.has(experiment.phase)) return;
        await sleep(WATCH_MS);
      }
    });
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

function statusText(experiment: ExperimentAnswer, kpis: KpiAnswer | undefined): string {
  const { id, name, phase, verdict, reason, hosts } = experiment;
  return [
    `${id}  ${name}  ${phase}${reason === null ? '' : ` (${reason})`}  hosts ${hosts.length}`,
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
  return [
    reductionLine(kpis),
    `critical processes ${figureText(coverage.critical)} | all processes ${figureText(coverage.processes)}`,
    `collector CPU ${figureText(collector.baseline.cpu)} vs ${figureText(collector.candidate.cpu)}` +
      ` | memory ${figureText(collector.baseline.memory)} vs ${figureText(collector.candidate.memory)}`,
    `windows ${windows} | gap seconds ${gapSeconds}`,
  ];
}
