import type { Figure, Interval, Verdict } from '#lib/events';
import { figure } from '../figures.js';
import { spanOf, type EvidenceBlock } from './blocks.js';
import { groupBy, largest, mean, smallest, variance } from './moments.js';
import { overTimeInterval, type MeanInterval } from './over-time.js';
import { rules } from './rules.js';
import { twoSidedQuantile } from './student.js';

/** ln(candidate / baseline) of one block of one host, with the standard error that its counts carry. */
export type PairedBlock = {
  readonly host: string;
  readonly start: number;
  readonly logRatio: number;
  readonly standardError: number;
};

/** The reduction as far as the evidence carries it. All values are shares of the baseline, 0.7 = 70 % fewer. */
export type ReductionEstimate = {
  readonly value: number;
  readonly interval: Interval;
  readonly scope: Verdict['scope'];
  /** What one block alone may say at worst and at best, errors of the sketch included. */
  readonly worstBlock: number;
  readonly bestBlock: number;
};

const asReduction = (logRatio: number): number => 1 - Math.exp(logRatio);

/** The pairs of usable blocks; a block without a positive count on either side is no pair (see the health checks). */
export function pairsOf(blocks: readonly EvidenceBlock[]): readonly PairedBlock[] {
  return blocks.flatMap(({ host, start, baseline, candidate }) => {
    const before = baseline?.activeSeries;
    const after = candidate?.activeSeries;
    if (!before || !after || before.value <= 0 || after.value <= 0) return [];
    const logRatio = Math.log(after.value / before.value);
    return [{ host, start, logRatio, standardError: Math.hypot(before.standardError, after.standardError) }];
  });
}

/**
 * Reduction = 1 - candidate / baseline by paired log ratios: the mean over blocks of each host, then the mean over
 * hosts, so that every host counts the same however much it sends or how long it was watched. Two claims are kept
 * apart. *Across hosts*: Student's t over the means of the hosts. *Over time*: the long-run variance of the mean of
 * all hosts per block. Where both are carried the interval covers both; where none is, it is the range over blocks.
 * Undefined without a pair.
 */
export function estimateReduction(
  pairs: readonly PairedBlock[],
  confidence: number,
): ReductionEstimate | undefined {
  if (pairs.length === 0) return undefined;
  const hosts = [...groupBy(pairs, ({ host }) => host).values()].map((own) =>
    mean(own.map(({ logRatio }) => logRatio)),
  );
  const across = acrossHostsInterval(hosts, confidence);
  const overTime = overTimeInterval(
    slotMeans(pairs),
    confidence,
    mean(pairs.map(({ standardError }) => standardError)),
  );
  const centre = mean(hosts);
  const fewHosts = hosts.length === 1 ? 'this host only' : 'these hosts only';
  return {
    value: asReduction(centre),
    interval: intervalOf(
      pairs,
      [across, overTime].filter((one) => one !== undefined),
      confidence,
    ),
    scope: {
      hosts: across === undefined ? fewHosts : 'across hosts',
      time: overTime === undefined ? 'this period only' : 'over time',
    },
    worstBlock: smallest(
      pairs.map(({ logRatio, standardError }) => asReduction(logRatio + rules.sketchErrors * standardError)),
    ),
    bestBlock: largest(
      pairs.map(({ logRatio, standardError }) => asReduction(logRatio - rules.sketchErrors * standardError)),
    ),
  };
}

/** Student's t over per-host means, which are independent whatever the autocorrelation within a host. */
export function acrossHostsInterval(
  hostMeans: readonly number[],
  confidence: number,
): MeanInterval | undefined {
  const n = hostMeans.length;
  if (n < rules.hostsForAcross) return undefined;
  const standardError = Math.sqrt(variance(hostMeans) / n);
  return { mean: mean(hostMeans), halfWidth: twoSidedQuantile(confidence, n - 1) * standardError };
}

/**
 * One value per block of time. Each host enters as its distance from its own mean, so that a host that is missing
 * for a while does not shift the series.
 */
function slotMeans(pairs: readonly PairedBlock[]): readonly number[] {
  const hostMeans = new Map(
    [...groupBy(pairs, ({ host }) => host)].map(([host, own]) => [
      host,
      mean(own.map(({ logRatio }) => logRatio)),
    ]),
  );
  const centre = mean([...hostMeans.values()]);
  return [...groupBy(pairs, ({ start }) => start)]
    .sort(([a], [b]) => a - b)
    .map(
      ([, slot]) =>
        centre + mean(slot.map(({ host, logRatio }) => logRatio - (hostMeans.get(host) ?? centre))),
    );
}

function intervalOf(
  pairs: readonly PairedBlock[],
  carried: readonly MeanInterval[],
  level: number,
): Interval {
  if (carried.length === 0) {
    const reductions = pairs.map(({ logRatio }) => asReduction(logRatio));
    return {
      kind: 'range',
      blocks: pairs.length,
      low: smallest(reductions),
      high: largest(reductions),
    };
  }
  // More series in the candidate means less reduction, so the upper end of the ratio is the lower end here.
  return {
    kind: 'confidence',
    level,
    low: smallest(carried.map(({ mean: centre, halfWidth }) => asReduction(centre + halfWidth))),
    high: largest(carried.map(({ mean: centre, halfWidth }) => asReduction(centre - halfWidth))),
  };
}

/** The estimate as a figure over the span of its blocks. */
export function reductionFigure(estimate: ReductionEstimate, blocks: readonly EvidenceBlock[]): Figure {
  const { value, interval } = estimate;
  const isRange = interval.kind === 'range';
  return figure({
    value,
    unit: 'share of baseline',
    window: spanOf(blocks) ?? { from: NaN, to: NaN },
    formulaVersion: 'reduction-paired-log-ratio/1',
    interval,
    note: isRange ? 'range over blocks, not a confidence interval' : undefined,
  });
}
