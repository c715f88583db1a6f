/** What the agent sends and the analyzer merges: plain JSON data, times in ms since the epoch. */

export type Variant = 'baseline' | 'candidate';

/** Both variants of one host in one 10 s window. */
export type WindowMessage = {
  readonly host: string;
  readonly start: number;
  readonly seconds: number;
  /** When the agent closed the window; of two messages for one key the later closed one counts. */
  readonly closedAt: number;
  /** Host clock minus reference clock in ms; `null` where nobody has measured it. */
  readonly clockOffsetMs: number | null;
  /** Counts made under different `seriesIdentityVersion`s must not be compared. */
  readonly identityVersion: number;
  /** How much each executable uses, whichever variant told it (baseline first). */
  readonly weights: readonly ExecutableWeight[];
  /** One entry per collector: two, or more while one is swapped for another. */
  readonly collectors: readonly CollectorWindow[];
  /** The minute that ended with this window. */
  readonly minute: MinuteSummary | null;
};

/** `cpu` in cores, both rounded to three significant digits. */
export type ExecutableWeight = { readonly name: string; readonly cpu: number; readonly rssBytes: number };

/** What one collector exported in one window. Its key: host, variant, instance, config hash, window start. */
export type CollectorWindow = {
  readonly variant: Variant;
  readonly instance: string;
  readonly configHash: string;
  /** The covered part of the window; shorter than the window after a start or a swap. */
  readonly coveredFrom: number;
  readonly coveredTo: number;
  readonly points: number;
  /** Uncompressed OTLP bytes. */
  readonly bytes: number;
  /** Bytes as they came over the wire. */
  readonly wireBytes: number;
  readonly requests: number;
  /** Unreadable requests; what came before the fault in them is counted, so the window is not exact. */
  readonly malformed: number;
  readonly activeSeries: SeriesCount;
  readonly metrics: readonly NamedCount[];
  readonly executables: readonly NamedCount[];
  /**
   * By `service.name` and `service.namespace` of the resource, what has none in `(none)`. Absent from windows of
   * version 1, whose meter did not count them.
   */
  readonly services?: readonly NamedCount[] | undefined;
  readonly namespaces?: readonly NamedCount[] | undefined;
  /** Points whose resource still names the host; fleet sums hold only while this equals `points`. */
  readonly hostPoints: number;
  /** Arrival minus newest point time, per request; `null` without a timed point. */
  readonly freshness: { readonly p50Ms: number; readonly maxMs: number } | null;
  /** `null` where the agent could not sample the process. */
  readonly use: ResourceUse | null;
};

/** A count of distinct series; where `exact` is false a part of it is a sketch's estimate. */
export type SeriesCount = { readonly value: number; readonly exact: boolean };

/** `series` is a lower bound where the collector's `activeSeries` is not exact. */
export type NamedCount = { readonly name: string; readonly points: number; readonly series: number };

/** What a collector used and lost within the window. */
export type ResourceUse = {
  readonly cpuSeconds: number;
  /** The highest sample. */
  readonly rssBytes: number;
  /** Points that a receiver or queue refused, and points that an exporter gave up. */
  readonly refused: number;
  readonly failed: number;
};

/** Series of both variants over the closed windows of one wall-clock minute. */
export type MinuteSummary = {
  readonly start: number;
  readonly variants: readonly MinuteVariant[];
  /** `null` unless both variants were attached. */
  readonly difference: SeriesDifference | null;
};

export type MinuteVariant = {
  readonly variant: Variant;
  readonly coveredSeconds: number;
  readonly series: SeriesCount;
  /** `HyperLogLog` text of the series. */
  readonly sketch: string;
  /** `HyperLogLog` text of the distinct values of each attribute key, all levels together. */
  readonly attributes: readonly { readonly key: string; readonly sketch: string }[];
};

/** Series of the baseline that the candidate lacks, and the reverse; names only while exact. */
export type SeriesDifference = {
  readonly lost: SeriesCount;
  readonly gained: SeriesCount;
  readonly lostExecutables: readonly LostName[];
  readonly lostMetrics: readonly LostName[];
};

export type LostName = { readonly name: string; readonly series: number };
