import { compare, type EvidenceBlock } from './blocks.js';
import { groupBy, mean, sum } from './moments.js';

/** How much of what the baseline shows the candidate shows too. Shares of 1. */
export type ProcessCoverage = {
  /** Mean over hosts of each host's mean over blocks. */
  readonly share: number;
  readonly worstHost: { readonly host: string; readonly share: number };
  /** Executables that the candidate lacked in some block, those of the greatest weight first. */
  readonly missing: readonly string[];
};

/**
 * Weighted recall of executables: sum of the weights of those in both variants / sum of the weights of those in the
 * baseline. The weight of an executable is the mean of its share of the CPU and its share of the memory among the
 * baseline's executables of that block, so neither a busy nor a large process is forgotten.
 * Undefined where no block shows an executable.
 */
export function processCoverage(blocks: readonly EvidenceBlock[]): ProcessCoverage | undefined {
  const measured = blocks.map(blockCoverage).filter((one) => one !== undefined);
  const hosts = [...groupBy(measured, ({ host }) => host)].map(([host, own]) => ({
    host,
    share: mean(own.map(({ share }) => share)),
  }));
  const [worstHost] = [...hosts].sort((a, b) => a.share - b.share || compare(a.host, b.host));
  if (worstHost === undefined) return undefined;
  const lost = groupBy(
    measured.flatMap(({ missing }) => missing),
    ({ name }) => name,
  );
  const missing = [...lost]
    .map(([name, times]) => ({ name, weight: sum(times.map(({ weight }) => weight)) }))
    .sort((a, b) => b.weight - a.weight || compare(a.name, b.name));
  return {
    share: mean(hosts.map(({ share }) => share)),
    worstHost,
    missing: missing.map(({ name }) => name),
  };
}

function blockCoverage(block: EvidenceBlock) {
  const shown = new Set(block.candidate?.executables ?? []);
  const weighed = weightsOf(block);
  const total = sum(weighed.map(({ weight }) => weight));
  if (total === 0) return undefined;
  const missing = weighed.filter(({ name }) => !shown.has(name));
  return { host: block.host, share: 1 - sum(missing.map(({ weight }) => weight)) / total, missing };
}

function weightsOf({ baseline, weights }: EvidenceBlock) {
  const names = [...new Set(baseline?.executables ?? [])].sort(compare);
  const useOf = new Map(weights.map((use) => [use.name, use]));
  const uses = names.map((name) => useOf.get(name) ?? { name, cpu: 0, rssBytes: 0 });
  const cpu = sum(uses.map((use) => use.cpu));
  const rss = sum(uses.map((use) => use.rssBytes));
  return uses.map((use) => ({
    name: use.name,
    weight:
      (cpu > 0 ? use.cpu / cpu : 1 / uses.length) / 2 + (rss > 0 ? use.rssBytes / rss : 1 / uses.length) / 2,
  }));
}

/** Of the critical executables: those seen in the baseline, those missing in the candidate, those never seen. */
export type CriticalCoverage = {
  readonly seen: readonly string[];
  readonly missing: readonly string[];
  readonly absent: readonly string[];
};

/** Strict: an executable is missing as soon as one block shows it in the baseline and not in the candidate. */
export function criticalCoverage(
  blocks: readonly EvidenceBlock[],
  critical: readonly string[],
): CriticalCoverage {
  const names = [...new Set(critical)].sort(compare);
  const inBaseline = (name: string) => blocks.filter(({ baseline }) => baseline?.executables.includes(name));
  const seen = names.filter((name) => inBaseline(name).length > 0);
  return {
    seen,
    missing: seen.filter((name) =>
      inBaseline(name).some(({ candidate }) => !candidate?.executables.includes(name)),
    ),
    absent: names.filter((name) => !seen.includes(name)),
  };
}
