import {
  MAX_RESULT_DETAIL,
  type PreflightComparison,
  type PreflightFigures,
  type PreflightReport,
  type PreflightVariant,
} from '#lib/agent-protocol';
import {
  mergeBlock,
  NONE,
  OTHER,
  reduction,
  type Block,
  type BlockSpan,
  type BlockVariant,
  type CollectorWindow,
  type ReductionMeasure,
  type WindowMessage,
} from '#lib/metering';
import { shortenedCard } from './shortened-card.js';

/** What a card is made from. */
type Tally = { compare(criticalProcesses: readonly string[]): PreflightReport['card'] | undefined };

/** What became of one pipeline. */
export type Trial = Pick<PreflightVariant, 'variant' | 'configHash' | 'verdict' | 'reason'>;

export type Findings = {
  /** Of what both exported; without one there is no card. */
  readonly tally?: Tally;
  readonly trials: readonly Trial[];
  readonly collector: PreflightReport['collector'];
  readonly windows: readonly WindowMessage[];
  /** The time that counts: windows before and after it are left out. */
  readonly span: BlockSpan;
  readonly critical: readonly string[];
};

/** Names that a list holds; the rest is counted. */
const LISTED = 100;
const NOTHING: PreflightFigures = {
  ...{ coveredSeconds: 0, series: null, points: null, bytes: null, cpuSeconds: null, rssBytes: null },
};

/** What a preflight found, counted as the windows of an experiment are. */
export function reportOf({ collector, critical, span, tally, trials, windows }: Findings): PreflightReport {
  const inside = windows.filter(
    ({ start }) => start >= span.start && start < span.start + span.seconds * 1000,
  );
  const block = mergeBlock(inside, span);
  const outcomes = trials.map((trial) => outcomeOf(trial, block[trial.variant], inside.length));
  return {
    kind: 'preflight',
    collector,
    variants: outcomes.map((trial) => variantOf(trial, block[trial.variant], inside)),
    comparison: haveAllRun(outcomes) ? comparisonOf(block, critical) : null,
    card: (haveAllRun(outcomes) ? tally?.compare(critical) : null) ?? null,
  };
}

/** The meter leaves a trial out of windows in which that was not given all data: such a trial proves nothing. */
function outcomeOf(trial: Trial, block: BlockVariant | null, windows: number): Trial {
  const missed = windows - (block?.windows ?? 0);
  if (trial.verdict !== 'ran' || missed === 0) return trial;
  const reason = `did not take all that applications pushed: ${missed} of ${windows} windows have a gap`;
  return { ...trial, verdict: 'failed', reason };
}

function haveAllRun(trials: readonly Trial[]): boolean {
  return trials.length === 2 && trials.every(({ verdict }) => verdict === 'ran');
}

/** The report as the detail of a result; lists give way where it would be too long. */
export function detailOf(report: PreflightReport): string {
  for (let kept = LISTED; ; kept = Math.floor(kept / 2)) {
    const detail = JSON.stringify(shortened(report, kept));
    if (detail.length <= MAX_RESULT_DETAIL) return detail;
    if (kept === 0) return JSON.stringify({ ...shortened(report, kept), card: null });
  }
}

function variantOf(
  trial: Trial,
  block: BlockVariant | null,
  windows: readonly WindowMessage[],
): PreflightVariant {
  const executables = (block?.executables ?? []).filter(({ name }) => name !== NONE);
  const processes = executables
    .map(({ name, points, series }) => ({ name, points, series }))
    .sort((a, b) => b.points - a.points);
  return {
    ...trial,
    windows: windows.flatMap(({ collectors, start }) =>
      collectors
        .filter(({ variant }) => variant === trial.variant)
        .map((window) => ({ start: new Date(start).toISOString(), ...figuresOf(window) })),
    ),
    total: block === null ? NOTHING : totalOf(block),
    processes,
    moreProcesses: 0,
  };
}

/** A window without a request may lie between two scrapes: it tells nothing, and nothing is not zero. */
function figuresOf(window: CollectorWindow): PreflightFigures {
  const { activeSeries, bytes, coveredFrom, coveredTo, points, requests, use } = window;
  const isSilent = requests === 0;
  return {
    coveredSeconds: (coveredTo - coveredFrom) / 1000,
    series: isSilent ? null : activeSeries.value,
    points: isSilent ? null : points,
    bytes: isSilent ? null : bytes,
    cpuSeconds: use?.cpuSeconds ?? null,
    rssBytes: use?.rssBytes ?? null,
  };
}

function totalOf({
  bytes,
  coveredSeconds,
  points,
  requests,
  use,
  windowSeries,
}: BlockVariant): PreflightFigures {
  const isSilent = requests === 0;
  return {
    coveredSeconds,
    series: isSilent ? null : (windowSeries?.value ?? null),
    points: isSilent ? null : points,
    bytes: isSilent ? null : bytes,
    cpuSeconds: use?.cpuSeconds ?? null,
    rssBytes: use?.rssMaxBytes ?? null,
  };
}

/** Null where one of the two is missing or sent nothing at all. */
function comparisonOf(block: Block, critical: readonly string[]): PreflightComparison | null {
  const { baseline, candidate } = block;
  if (baseline === null || candidate === null || baseline.requests === 0 || candidate.requests === 0)
    return null;
  const kept = new Set(candidate.executables.map(({ name }) => name));
  const lost = baseline.executables
    .map(({ name }) => name)
    .filter((name) => name !== OTHER && name !== NONE && !kept.has(name));
  return {
    reduction: {
      series: shareOf(block, 'windowSeries'),
      points: shareOf(block, 'pointsPerMinute'),
      bytes: shareOf(block, 'bytesPerMinute'),
    },
    lost,
    moreLost: 0,
    lostCritical: lost.filter((name) => critical.includes(name)),
  };
}

function shareOf(block: Block, measure: ReductionMeasure): number | null {
  const found = reduction(block, measure);
  return 'noData' in found ? null : found.value;
}

function shortened(report: PreflightReport, kept: number): PreflightReport {
  const { card, comparison } = report;
  return {
    ...report,
    variants: report.variants.map((variant) => ({
      ...variant,
      processes: variant.processes.slice(0, kept),
      moreProcesses: Math.max(0, variant.processes.length - kept),
    })),
    comparison: comparison && {
      ...comparison,
      lost: comparison.lost.slice(0, kept),
      moreLost: Math.max(0, comparison.lost.length - kept),
    },
    card: card && shortenedCard(card, kept),
  };
}
