import { noData, type ExperimentSpec, type Figure, type Variant } from '#lib/events';
import { figure } from '../figures.js';
import { canonicalBlocks, spanOf, type EvidenceBlock, type VariantEvidence } from './blocks.js';
import { criticalCoverage, processCoverage, type CriticalCoverage } from './coverage.js';
import { cores, memory } from './guardrails.js';
import { isUsable } from './health.js';
import { groupBy, mean, sum } from './moments.js';
import { NOTHING, NOT_SAMPLED, NO_EXECUTABLE } from './words.js';
import { estimateReduction, pairsOf, reductionFigure } from './reduction.js';

export type VariantKpis = {
  readonly activeSeries: Figure;
  readonly pointsPerMinute: Figure;
  /** Cores of one collector, on average over hosts. */
  readonly collectorCpu: Figure;
  readonly collectorMemory: Figure;
};

export type ExperimentKpis = Readonly<Record<Variant, VariantKpis>> & {
  readonly reduction: Figure;
  readonly processCoverage: Figure;
  readonly criticalCoverage: Figure;
  readonly criticalProcesses: CriticalProcesses;
};

/** The critical list by name: present in both variants, lost by the candidate, and never seen at all. */
export type CriticalProcesses = {
  readonly inBoth: readonly string[];
  readonly lost: readonly string[];
  readonly neverSeen: readonly string[];
};

/** The figures of an experiment over the blocks that hold both variants. Sums are over hosts of their block means. */
export function kpisOf(spec: ExperimentSpec, blocks: readonly EvidenceBlock[]): ExperimentKpis {
  const usable = canonicalBlocks(blocks).filter(isUsable);
  const estimate = estimateReduction(pairsOf(usable), spec.confidence);
  const critical = criticalCoverage(usable, spec.criticalProcesses);
  return {
    baseline: variantKpis(usable, 'baseline'),
    candidate: variantKpis(usable, 'candidate'),
    reduction: estimate === undefined ? noData(NOTHING) : reductionFigure(estimate, usable),
    processCoverage: over(usable, {
      value: processCoverage(usable)?.share,
      unit: 'share of baseline',
      formulaVersion: 'process-coverage-cpu-memory/1',
      otherwise: NO_EXECUTABLE,
    }),
    criticalCoverage: criticalFigure(usable, critical),
    criticalProcesses: {
      inBoth: critical.seen.filter((name) => !critical.missing.includes(name)),
      lost: critical.missing,
      neverSeen: critical.absent,
    },
  };
}

function criticalFigure(
  usable: readonly EvidenceBlock[],
  { seen, missing, absent }: CriticalCoverage,
): Figure {
  if (usable.length > 0 && seen.length === 0)
    return noData(absent.length === 0 ? 'no process is named as critical' : 'no critical process was seen');
  return over(usable, {
    value: (seen.length - missing.length) / seen.length,
    unit: 'share of baseline',
    formulaVersion: 'critical-coverage-strict/1',
    note: missing.length === 0 ? undefined : `missing: ${missing.join(', ')}`,
  });
}

function variantKpis(blocks: readonly EvidenceBlock[], variant: Variant): VariantKpis {
  const uses = blocks.flatMap((block) => block[variant]?.use ?? []);
  return {
    activeSeries: over(blocks, {
      value: sumOverHosts(blocks, variant, ({ activeSeries }) => activeSeries?.value ?? NaN),
      unit: 'series',
      formulaVersion: 'active-series-block-mean/1',
    }),
    pointsPerMinute: over(blocks, {
      value: sumOverHosts(blocks, variant, ({ points, coveredSeconds }) => (points / coveredSeconds) * 60),
      unit: 'points/min',
      formulaVersion: 'points-per-covered-minute/1',
    }),
    collectorCpu: over(blocks, {
      value: cores(uses),
      unit: 'cores',
      formulaVersion: 'collector-cores/1',
      otherwise: NOT_SAMPLED,
    }),
    collectorMemory: over(blocks, {
      value: memory(uses),
      unit: 'bytes',
      formulaVersion: 'collector-rss-p95/1',
      otherwise: NOT_SAMPLED,
    }),
  };
}

function sumOverHosts(
  blocks: readonly EvidenceBlock[],
  variant: Variant,
  valueOf: (evidence: VariantEvidence) => number,
): number | undefined {
  if (blocks.length === 0) return undefined;
  const hosts = [...groupBy(blocks, ({ host }) => host).values()];
  return sum(
    hosts.map((own) =>
      mean(own.flatMap((block) => (block[variant] === null ? [] : [valueOf(block[variant])]))),
    ),
  );
}

function over(
  blocks: readonly EvidenceBlock[],
  measured: {
    readonly value: number | undefined;
    readonly unit: string;
    readonly formulaVersion: string;
    readonly note?: string | undefined;
    /** Why there may be no value although there are blocks. */
    readonly otherwise?: string;
  },
): Figure {
  const window = spanOf(blocks);
  if (window === undefined) return noData(NOTHING);
  const { otherwise, value = NaN, ...rest } = measured;
  if (!Number.isFinite(value) && otherwise !== undefined) return noData(otherwise);
  return figure({ ...rest, value, window });
}
