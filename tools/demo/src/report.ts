import { figureText, reductionLine, type CostAnswer, type Figure } from '#lib/client';
import type { BackendCount } from './backend.js';
import type { DemoResult } from './experiment.js';

export interface Surroundings {
  readonly collector: string;
  readonly backend: BackendCount;
  readonly apiUrl: string;
}

/** The measured lines at the end of the demo. */
export function reportLines(result: DemoResult, surroundings: Surroundings): readonly string[] {
  const { kpis, cost } = result;
  const { collector, backend } = surroundings;
  return [
    ...measuredLines(result),
    `backend received ${backend.points} points, ${backend.repeated} of them twice | meter: ${collector} | windows ${kpis.windows}, gap seconds ${kpis.gapSeconds}`,
    '',
    'price per month of this host (measured series and points at list prices):',
    ...cost.measured.map(priceLine),
    `price per month of the fleet, hosts: ${cost.fleet.hosts} (projection, not measured):`,
    ...cost.fleet.projected.map(priceLine),
    '',
    ...verdictLines(result, surroundings),
  ];
}

function measuredLines({ experiment, kpis }: DemoResult): readonly string[] {
  const { coverage, collector } = kpis;
  const lost = coverage.lost.map(({ name }) => name).join(', ');
  return [
    `${reductionLine(kpis)} | ${experiment.verdict?.scope.hosts ?? 'no verdict'}`,
    `critical processes ${criticalText(coverage)} | lost: ${lost === '' ? 'none' : lost} | collector CPU ${figureText(collector.baseline.cpu)} vs ${figureText(collector.candidate.cpu)}`,
  ];
}

function criticalText({ critical, criticalProcesses }: DemoResult['kpis']['coverage']): string {
  if ('noData' in critical) return figureText(critical);
  const { inBoth, lost, neverSeen } = criticalProcesses;
  return `${inBoth.length}/${inBoth.length + lost.length + neverSeen.length} in both`;
}

function verdictLines({ experiment }: DemoResult, { apiUrl }: Surroundings): readonly string[] {
  const { id, verdict } = experiment;
  return [
    ...(verdict === null
      ? ['verdict: none']
      : [
          `verdict: ${verdict.decision} (${verdict.scope.hosts}, ${verdict.scope.time})`,
          `  ${verdict.reason}`,
        ]),
    '',
    `look:    ${apiUrl}`,
    `promote: npx phoenix experiment promote ${id}`,
    `undo:    npx phoenix experiment rollback ${id}`,
  ];
}

/** The final object of `--json`: what REST answers, and what stood around it. */
export function reportJson(
  { experiment, kpis, cost }: DemoResult,
  { collector, backend }: Surroundings,
): object {
  return {
    experiment: experiment.id,
    baseline: kpis.series.baseline,
    candidate: kpis.series.candidate,
    reduction: kpis.series.reduction,
    coverage: kpis.coverage,
    collector: kpis.collector,
    cost,
    verdict: experiment.verdict,
    windows: kpis.windows,
    gaps: kpis.gapSeconds,
    meter: collector,
    backend,
  };
}

function priceLine({ name, asOf, baseline, candidate, saving }: CostAnswer): string {
  const cells = [baseline, candidate, saving].map(money);
  return `  ${name.padEnd(34)} ${cells[0] ?? ''} -> ${cells[1] ?? ''}, saves ${cells[2] ?? ''}  (prices of ${asOf})`;
}

function money(figure: Figure): string {
  return 'noData' in figure ? figureText(figure) : `$${figure.value.toFixed(2)}`;
}
