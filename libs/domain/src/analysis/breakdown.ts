import { noData, type Figure, type Variant } from '#lib/events';
import { figure, type Span } from '../figures.js';
import { compare } from './blocks.js';
import { estimated } from './estimated.js';
import { groupBy, sum } from './moments.js';

/** What one variant of one host sent in one block, by name: a metric, an executable, a service. */
export type NamedBlock = {
  readonly host: string;
  readonly coveredSeconds: number;
  readonly names: readonly { readonly name: string; readonly points: number; readonly series: number }[];
};

/** Of all hosts together. */
export type Traffic = { readonly series: number; readonly pointsPerMinute: number };
export type TrafficByName = ReadonlyMap<string, Traffic>;
export type OfBoth<T> = Readonly<Record<Variant, T>>;

export type BreakdownRow<Cell> = {
  readonly name: string;
  readonly baseline: Cell;
  readonly candidate: Cell;
  /** Of the sums, 1 - candidate / baseline; no data where the baseline has nothing of the name. */
  readonly reduction: Figure;
};
export type TrafficRow = BreakdownRow<{ readonly series: Figure; readonly pointsPerMinute: Figure }>;
export type ValuesRow = BreakdownRow<{ readonly distinctValues: Figure }>;

/** Names that stand for several (`rest`) or for none (`unnamed`). */
export type Buckets = { readonly rest: string; readonly unnamed: string };

/**
 * Traffic by name: per host the mean over all of its blocks, where a block without the name counts as zero; hosts add
 * up. So the points of all names together are the points of the variant, if every point has a name.
 */
export function trafficByName(blocks: readonly NamedBlock[]): TrafficByName {
  const totals = new Map<string, Traffic>();
  for (const own of groupBy(blocks, ({ host }) => host).values()) {
    const sums = new Map<string, Traffic>();
    for (const { coveredSeconds, names } of own) {
      for (const { name, points, series } of names) {
        addTo(sums, name, { series, pointsPerMinute: (points * 60) / coveredSeconds });
      }
    }
    for (const [name, { series, pointsPerMinute }] of sums) {
      addTo(totals, name, {
        series: series / own.length,
        pointsPerMinute: pointsPerMinute / own.length,
      });
    }
  }
  return totals;
}

function addTo(sums: Map<string, Traffic>, name: string, { series, pointsPerMinute }: Traffic): void {
  const known = sums.get(name) ?? NO_TRAFFIC;
  sums.set(name, {
    series: known.series + series,
    pointsPerMinute: known.pointsPerMinute + pointsPerMinute,
  });
}

const NO_TRAFFIC: Traffic = { series: 0, pointsPerMinute: 0 };

/** All names but the buckets: most in the baseline first, then most in the candidate, then by name. */
export function rankedNames(
  counts: OfBoth<ReadonlyMap<string, number>>,
  buckets: Buckets,
): readonly string[] {
  const names = new Set([...counts.baseline.keys(), ...counts.candidate.keys()]);
  names.delete(buckets.rest);
  names.delete(buckets.unnamed);
  const of = (variant: Variant, name: string): number => counts[variant].get(name) ?? 0;
  return [...names].sort(
    (a, b) =>
      of('baseline', b) - of('baseline', a) || of('candidate', b) - of('candidate', a) || compare(a, b),
  );
}

/** The series of each name, to rank by. */
export function seriesByName(traffic: TrafficByName): ReadonlyMap<string, number> {
  return new Map([...traffic].map(([name, { series }]) => [name, series]));
}

/** The traffic of several names added up, for the rest. */
export function trafficOfAll(traffic: TrafficByName, names: readonly string[]): Traffic {
  const of = names.map((name) => traffic.get(name) ?? NO_TRAFFIC);
  return {
    series: sum(of.map(({ series }) => series)),
    pointsPerMinute: sum(of.map(({ pointsPerMinute }) => pointsPerMinute)),
  };
}

/** `formulaVersion`: how the series were counted, which differs by what they are broken down by. */
export function trafficRow(
  name: string,
  { baseline, candidate }: OfBoth<Traffic>,
  about: { readonly window: Span; readonly formulaVersion: string },
): TrafficRow {
  const { window } = about;
  const cell = ({ series, pointsPerMinute }: Traffic) => ({
    series: figure({ value: series, unit: 'series', ...about }),
    pointsPerMinute: figure({
      ...{ value: pointsPerMinute, unit: 'points/min', window },
      formulaVersion: 'points-per-covered-minute/1',
    }),
  });
  return {
    ...{ name, baseline: cell(baseline), candidate: cell(candidate) },
    reduction: reductionOf(baseline.series, candidate.series, window),
  };
}

/** A row of distinct values, counted by sketches of the given relative standard error. */
export function valuesRow(
  name: string,
  { baseline, candidate }: OfBoth<number>,
  { window, standardError }: { readonly window: Span; readonly standardError: number },
): ValuesRow {
  const cell = (value: number) => ({
    distinctValues: estimated(
      { value, unit: 'values', window, formulaVersion: 'distinct-values-union/1' },
      value * standardError,
    ),
  });
  return {
    ...{ name, baseline: cell(baseline), candidate: cell(candidate) },
    reduction: reductionOf(baseline, candidate, window),
  };
}

function reductionOf(before: number, after: number, window: Span): Figure {
  if (before === 0) return noData('the baseline has nothing of this name');
  return figure({
    ...{ value: 1 - after / before, unit: 'share of baseline', window },
    formulaVersion: 'reduction-of-sums/1',
  });
}
