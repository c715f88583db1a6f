import type { BlockAttribute, BlockName, BlockUse, BlockVariant, Estimate } from './block.js';
import { coverage } from './coverage.js';
import { HyperLogLog } from './hyperloglog.js';
import { SERIES_PRECISION } from './limits.js';
import type {
  CollectorWindow,
  MinuteSummary,
  MinuteVariant,
  NamedCount,
  SeriesCount,
  Variant,
} from './model.js';

/** Which time a block is about: windows that start in it belong to it. */
export type BlockSpan = { readonly start: number; readonly seconds: number };

export type KeyedMinute = MinuteSummary & { readonly closedAt: number };
export type KeyedCollector = CollectorWindow & {
  readonly start: number;
  readonly seconds: number;
  readonly closedAt: number;
};
type Evidence = {
  readonly collectors: readonly KeyedCollector[];
  readonly minutes: readonly KeyedMinute[];
  readonly attributes: Readonly<Record<Variant, readonly BlockAttribute[]>>;
};

/** One variant's part of a block from windows and minutes that are already unique and sorted by key. */
export function blockVariant(variant: Variant, span: BlockSpan, evidence: Evidence): BlockVariant | null {
  const windows = evidence.collectors.filter((window) => window.variant === variant);
  if (windows.length === 0) return null;
  const minutes = evidence.minutes.flatMap((minute) =>
    minute.variants.filter((one) => one.variant === variant),
  );
  const { covered, overlap } = coverage(
    windows.map(({ coveredFrom, coveredTo }) => ({ from: coveredFrom, to: coveredTo })),
  );
  const total = (of: (window: CollectorWindow) => number): number => sum(windows.map(of));
  const points = total((window) => window.points);
  return {
    variant,
    instances: distinct(windows.map((window) => window.instance)),
    configHashes: distinct(windows.map((window) => window.configHash)),
    windows: new Set(windows.map(({ start }) => start)).size,
    coveredSeconds: covered,
    gapSeconds: Math.max(0, span.seconds - covered),
    overlapSeconds: overlap,
    ...seriesOf(minutes),
    windowSeries: windowSeriesOf(windows),
    points,
    pointsPerMinute: covered > 0 ? (points / covered) * 60 : null,
    bytes: total((window) => window.bytes),
    wireBytes: total((window) => window.wireBytes),
    requests: total((window) => window.requests),
    malformed: total((window) => window.malformed),
    hostPoints: total((window) => window.hostPoints),
    metrics: blockNames(windows, (window) => window.metrics),
    executables: blockNames(windows, (window) => window.executables),
    ...namesOf('services', windows),
    ...namesOf('namespaces', windows),
    attributes: evidence.attributes[variant],
    freshness: freshnessOf(windows),
    use: useOf(windows),
  };
}

function seriesOf(
  minutes: readonly MinuteVariant[],
): Pick<BlockVariant, 'activeSeries' | 'uniqueSeries' | 'sketch'> {
  const [only] = minutes;
  if (only === undefined) return { activeSeries: null, uniqueSeries: null, sketch: null };
  const union = new HyperLogLog(SERIES_PRECISION);
  for (const { sketch } of minutes) union.merge(HyperLogLog.fromText(sketch));
  const { standardError } = union;
  const exact = minutes.every(({ series }) => series.exact);
  const uniqueSeries: Estimate =
    minutes.length === 1
      ? { value: only.series.value, standardError: exact ? 0 : standardError }
      : { value: Math.round(union.estimate()), standardError };
  const covered = sum(minutes.map((minute) => minute.coveredSeconds));
  const weighted = sum(minutes.map((minute) => minute.series.value * minute.coveredSeconds));
  const activeSeries =
    covered > 0 ? { value: weighted / covered, standardError: exact ? 0 : standardError } : null;
  return { activeSeries, uniqueSeries, sketch: union.toText() };
}

/**
 * While one collector is swapped for another both emit the variant's series, so in each window the greatest count of a
 * collector that was watched for the whole of it stands for the variant; counts of two must not be added up.
 */
function windowSeriesOf(windows: readonly KeyedCollector[]): Estimate | null {
  const greatest = new Map<number, SeriesCount>();
  for (const window of windows) {
    const known = greatest.get(window.start);
    if (isWhole(window) && (known === undefined || window.activeSeries.value > known.value))
      greatest.set(window.start, window.activeSeries);
  }
  if (greatest.size === 0) return null;
  // A window without a point has no scrape in it; only where none has any is there truly no series.
  const counts = [...greatest.values()].filter(({ value }) => value > 0);
  if (counts.length === 0) return { value: 0, standardError: 0 };
  return {
    value: sum(counts.map(({ value }) => value)) / counts.length,
    standardError: counts.every(({ exact }) => exact) ? 0 : new HyperLogLog(SERIES_PRECISION).standardError,
  };
}

function isWhole({ start, seconds, coveredFrom, coveredTo }: KeyedCollector): boolean {
  return coveredFrom <= start && coveredTo >= start + seconds * 1000;
}

function blockNames(
  windows: readonly KeyedCollector[],
  listOf: (window: CollectorWindow) => readonly NamedCount[],
): BlockName[] {
  const names = new Map<string, { points: number; series: number; starts: Set<number> }>();
  for (const window of windows) {
    for (const { name, points, series } of listOf(window)) {
      const known = names.get(name) ?? { points: 0, series: 0, starts: new Set<number>() };
      known.points += points;
      known.series = Math.max(known.series, series);
      known.starts.add(window.start);
      names.set(name, known);
    }
  }
  return [...names]
    .sort(([a], [b]) => Number(a > b) - Number(a < b))
    .map(([name, { points, series, starts }]) => ({ name, points, series, windows: starts.size }));
}

/** Nothing at all where a window does not tell: its points would be missing from the sums. */
function namesOf<List extends 'services' | 'namespaces'>(
  list: List,
  windows: readonly KeyedCollector[],
): { readonly [name in List]?: readonly BlockName[] } {
  if (windows.some((window) => window[list] === undefined)) return {};
  return { [list]: blockNames(windows, (window) => window[list] ?? []) } as Record<List, BlockName[]>;
}

function freshnessOf(windows: readonly CollectorWindow[]): BlockVariant['freshness'] {
  const known = windows.flatMap(({ freshness }) => (freshness === null ? [] : [freshness]));
  if (known.length === 0) return null;
  const p50Ms = quantile(
    known.map((one) => one.p50Ms),
    0.5,
  );
  return { p50Ms, maxMs: Math.max(...known.map((one) => one.maxMs)) };
}

function useOf(windows: readonly CollectorWindow[]): BlockUse | null {
  const sampled = windows.flatMap((window) => (window.use === null ? [] : [{ ...window, use: window.use }]));
  if (sampled.length === 0) return null;
  const rss = sampled.map(({ use }) => use.rssBytes);
  return {
    sampledSeconds: sum(sampled.map(({ coveredFrom, coveredTo }) => (coveredTo - coveredFrom) / 1000)),
    cpuSeconds: sum(sampled.map(({ use }) => use.cpuSeconds)),
    rssP95Bytes: quantile(rss, 0.95),
    rssMaxBytes: Math.max(...rss),
    refused: sum(sampled.map(({ use }) => use.refused)),
    failed: sum(sampled.map(({ use }) => use.failed)),
  };
}

/** Nearest rank: always a value that was measured. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
