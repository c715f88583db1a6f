import type { KpiBlock } from '#lib/database';
import { isUsable, type EvidenceBlock } from '#lib/domain';
import { evidenceOf, type Block, type SeriesMeasure } from '#lib/metering';

/** The blocks of an experiment from the begin of its measurement on; what came before was warm-up. */
export function countedBlocks(rows: readonly KpiBlock[], measurementAt: string | null): readonly Block[] {
  if (measurementAt === null) return [];
  // The analyzer wrote these rows from `mergeBlock`, whose result is plain JSON data.
  return rows.filter(({ start }) => start >= measurementAt).map(({ block }) => block as Block);
}

/** A block beside what the analysis takes from it. */
export type JudgedBlock = { readonly block: Block; readonly evidence: EvidenceBlock };

/** Whether hosts ran what was ordered is the verdict's question; figures show what they ran. */
const ANY_ORDER = (): ReadonlySet<string> => new Set();

export function judgedBlocks(blocks: readonly Block[], measure: SeriesMeasure): readonly JudgedBlock[] {
  return blocks.map((block) => ({ block, evidence: evidenceOf(block, measure, ANY_ORDER) }));
}

/** Those that hold both variants, by host and time. */
export function usableBlocks(judged: readonly JudgedBlock[]): readonly JudgedBlock[] {
  return judged
    .filter(({ evidence }) => isUsable(evidence))
    .sort(({ block: a }, { block: b }) => (a.host === b.host ? a.start - b.start : a.host < b.host ? -1 : 1));
}

/** Active series of all hosts together, block by block. A block that a host is missing from says nothing. */
export function seriesOverTime(blocks: readonly Block[], measure: SeriesMeasure): readonly SeriesPoint[] {
  const hosts = new Set(blocks.map(({ host }) => host)).size;
  const starts = [...new Set(blocks.map(({ start }) => start))].sort((a, b) => a - b);
  return starts.map((start) => {
    const own = blocks.filter((block) => block.start === start);
    const total = (variant: 'baseline' | 'candidate'): number | null => {
      const values = own.flatMap((block) => block[variant]?.[measure]?.value ?? []);
      return values.length < hosts ? null : values.reduce((sum, value) => sum + value, 0);
    };
    const seconds = Math.max(...own.map((block) => block.seconds));
    return {
      start: new Date(start).toISOString(),
      seconds,
      baseline: total('baseline'),
      candidate: total('candidate'),
    };
  });
}

export type SeriesPoint = {
  readonly start: string;
  readonly seconds: number;
  readonly baseline: number | null;
  readonly candidate: number | null;
};

/**
 * Executables by the series that they lost, most first. A set difference cannot be added up over time, so each name
 * counts with its worst minute on each host, summed over hosts.
 */
export function mostLost(
  blocks: readonly Block[],
  count: number,
): readonly { name: string; series: number }[] {
  const worst = new Map<string, { readonly name: string; readonly series: number }>();
  for (const { host, differences } of blocks) {
    for (const { name, series } of differences.flatMap(({ lostExecutables }) => lostExecutables)) {
      const key = `${host} ${name}`;
      worst.set(key, { name, series: Math.max(series, worst.get(key)?.series ?? 0) });
    }
  }
  const totals = new Map<string, number>();
  for (const { name, series } of worst.values()) totals.set(name, (totals.get(name) ?? 0) + series);
  return [...totals]
    .map(([name, series]) => ({ name, series }))
    .sort((a, b) => b.series - a.series || (a.name < b.name ? -1 : 1))
    .slice(0, count);
}
