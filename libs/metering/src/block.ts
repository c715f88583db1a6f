import type { LostName, NamedCount, Variant } from './model.js';

/**
 * What one host measured in one block of time: the paired unit of evidence. Plain JSON data, and a pure function
 * of the set of windows, so that a verdict can be replayed bit for bit.
 */
export type Block = {
  readonly host: string;
  readonly start: number;
  readonly seconds: number;
  /** Distinct windows that at least one collector covered. */
  readonly windows: number;
  /** `seriesIdentityVersion`s found; more than one makes series counts incomparable. */
  readonly identityVersions: readonly number[];
  /** The worst clock offset seen, by size, in ms; `null` where nobody measured. */
  readonly clockOffsetMs: number | null;
  readonly weights: readonly BlockWeight[];
  readonly baseline: BlockVariant | null;
  readonly candidate: BlockVariant | null;
  /** By minute, since a difference of sets cannot be added up. */
  readonly differences: readonly BlockDifference[];
};

/** Mean cores and highest memory over the windows in which the executable was measured. */
export type BlockWeight = { readonly name: string; readonly cpu: number; readonly rssBytes: number };

export type BlockDifference = {
  readonly start: number;
  readonly lost: number;
  readonly gained: number;
  readonly exact: boolean;
  readonly lostExecutables: readonly LostName[];
  readonly lostMetrics: readonly LostName[];
};

/** `standardError` is relative; 0 means counted exactly. */
export type Estimate = { readonly value: number; readonly standardError: number };

export type BlockVariant = {
  readonly variant: Variant;
  readonly instances: readonly string[];
  readonly configHashes: readonly string[];
  readonly windows: number;
  readonly coveredSeconds: number;
  /** Seconds of the block that nobody watched. */
  readonly gapSeconds: number;
  /** Seconds that two collectors of this variant covered at once, as in a swap: points may count twice there. */
  readonly overlapSeconds: number;
  /** Mean distinct series per wall-clock minute, weighted by the minute's coverage; `null` without a sketch. */
  readonly activeSeries: Estimate | null;
  /**
   * Mean distinct series per window, for runs too short for minutes. A part of a window may hold no scrape, so only
   * collectors count that were watched for the whole window; of two, as in a swap, the one with more series, since
   * counts cannot be united. Windows without a point are left out, for silence must not look like a saving. `null`
   * without a whole window, 0 where all of them were silent.
   */
  readonly windowSeries: Estimate | null;
  /** Distinct series over the whole block; `null` without a sketch. */
  readonly uniqueSeries: Estimate | null;
  /** The union of the block's sketches, for unions over longer times. */
  readonly sketch: string | null;
  readonly points: number;
  /** Per covered minute; `null` where nothing was covered. */
  readonly pointsPerMinute: number | null;
  readonly bytes: number;
  readonly wireBytes: number;
  readonly requests: number;
  readonly malformed: number;
  readonly hostPoints: number;
  readonly metrics: readonly BlockName[];
  readonly executables: readonly BlockName[];
  /** Absent from blocks with a window whose meter did not count them. */
  readonly services?: readonly BlockName[];
  readonly namespaces?: readonly BlockName[];
  /**
   * The distinct values of each attribute key, of minutes that ended in the block; the rest in `(other)`, of which the
   * distinct pairs of key and value count. Absent from blocks of before they were kept, empty without a minute.
   */
  readonly attributes?: readonly BlockAttribute[];
  /** Median of the windows' medians, and the highest of all. */
  readonly freshness: { readonly p50Ms: number; readonly maxMs: number } | null;
  /** Sums over `sampledSeconds`; `null` where no window was sampled. */
  readonly use: BlockUse | null;
};

/** Points of the block, the most series in any one window, and in how many windows the name was seen. */
export type BlockName = NamedCount & { readonly windows: number };

/** `sketch`: `HyperLogLog` text of precision `ATTRIBUTE_PRECISION`. */
export type BlockAttribute = { readonly key: string; readonly sketch: string };

export type BlockUse = {
  readonly sampledSeconds: number;
  readonly cpuSeconds: number;
  /** Over windows (nearest rank), of the highest sample of each. */
  readonly rssP95Bytes: number;
  readonly rssMaxBytes: number;
  readonly refused: number;
  readonly failed: number;
};
