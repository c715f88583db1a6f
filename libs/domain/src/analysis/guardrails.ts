import type { ExperimentSpec, Guardrail, NamedCheck } from '#lib/events';
import type { CollectorUse, EvidenceBlock } from './blocks.js';
import { criticalCoverage, processCoverage } from './coverage.js';
import { mean, sum } from './moments.js';
import { rules } from './rules.js';
import { listOf, NO_EXECUTABLE, NOT_SAMPLED, percent } from './words.js';

/** A guardrail that could not be measured neither holds nor is broken: it keeps a verdict from promoting. */
export type GuardrailOutcome = { readonly outcome: 'holds' | 'broken' | 'no data' } & NamedCheck;

/** The guardrails of the description; critical processes are always guarded, with no margin unless one is given. */
export function checkGuardrails(
  spec: ExperimentSpec,
  blocks: readonly EvidenceBlock[],
): readonly GuardrailOutcome[] {
  const { guardrails, criticalProcesses } = spec;
  const isGuarded = guardrails.some(({ kpi }) => kpi === 'criticalCoverage');
  const implied: readonly Guardrail[] =
    criticalProcesses.length > 0 && !isGuarded ? [{ kpi: 'criticalCoverage', margin: 0 }] : [];
  return [...guardrails, ...implied].map((guardrail) => check(guardrail, criticalProcesses, blocks));
}

function check(
  { kpi, margin }: Guardrail,
  critical: readonly string[],
  blocks: readonly EvidenceBlock[],
): GuardrailOutcome {
  switch (kpi) {
    case 'processCoverage':
      return checkProcesses(margin, blocks);
    case 'criticalCoverage':
      return checkCritical(margin, critical, blocks);
    case 'collectorCpu':
      return checkCost(kpi, margin, collectorRatio(blocks, cores));
    case 'collectorMemory':
      return checkCost(kpi, margin, collectorRatio(blocks, memory));
  }
}

function checkProcesses(margin: number, blocks: readonly EvidenceBlock[]): GuardrailOutcome {
  const name = 'processCoverage';
  const coverage = processCoverage(blocks);
  if (coverage === undefined) return noData(name, NO_EXECUTABLE);
  const { share, worstHost, missing } = coverage;
  const lost = missing.length === 0 ? 'nothing is lost' : `lost: ${listOf(missing)}`;
  const detail = `${percent(share)} of the weighted executables, ${percent(worstHost.share)} on ${worstHost.host}, at least ${percent(1 - margin)} asked of each host; ${lost}`;
  return outcome(name, 1 - worstHost.share <= margin + rules.rounding, detail);
}

function checkCritical(
  margin: number,
  critical: readonly string[],
  blocks: readonly EvidenceBlock[],
): GuardrailOutcome {
  const name = 'criticalCoverage';
  if (critical.length === 0) return outcome(name, true, 'no process is called critical');
  const { seen, missing, absent } = criticalCoverage(blocks, critical);
  const notRunning = absent.length === 0 ? '' : `; not in the baseline: ${listOf(absent)}`;
  if (seen.length === 0) return noData(name, `none of the critical processes ran${notRunning}`);
  const lost = missing.length === 0 ? '' : `; missing in the candidate: ${missing.join(', ')}`;
  const detail = `${seen.length - missing.length} of ${seen.length} critical processes in every block of both variants${lost}${notRunning}`;
  return outcome(name, missing.length <= margin * seen.length + rules.rounding, detail);
}

function checkCost(
  name: 'collectorCpu' | 'collectorMemory',
  margin: number,
  ratio: number | undefined,
): GuardrailOutcome {
  if (ratio === undefined) return noData(name, NOT_SAMPLED);
  const change = `${ratio >= 1 ? '+' : ''}${percent(ratio - 1)}`;
  const detail = `${change} against the baseline, at most +${percent(margin)} allowed`;
  return outcome(name, ratio <= 1 + margin + rules.rounding, detail);
}

/** Mean cores of a collector. */
export function cores(uses: readonly CollectorUse[]): number {
  return (
    sum(uses.map(({ cpuSeconds }) => cpuSeconds)) / sum(uses.map(({ sampledSeconds }) => sampledSeconds))
  );
}

/** Mean over blocks of the 95th percentile of the resident memory, in bytes. */
export function memory(uses: readonly CollectorUse[]): number {
  return mean(uses.map(({ rssP95Bytes }) => rssP95Bytes));
}

/** Candidate / baseline over the blocks in which both were sampled. */
function collectorRatio(
  blocks: readonly EvidenceBlock[],
  measure: (uses: readonly CollectorUse[]) => number,
): number | undefined {
  const pairs = blocks.flatMap(({ baseline, candidate }) =>
    baseline?.use && candidate?.use ? [{ before: baseline.use, after: candidate.use }] : [],
  );
  const ratio = measure(pairs.map(({ after }) => after)) / measure(pairs.map(({ before }) => before));
  return Number.isFinite(ratio) ? ratio : undefined;
}

function outcome(name: string, holds: boolean, detail: string): GuardrailOutcome {
  return { name, outcome: holds ? 'holds' : 'broken', passed: holds, detail };
}

function noData(name: string, reason: string): GuardrailOutcome {
  return { name, outcome: 'no data', passed: false, detail: `no data: ${reason}` };
}
