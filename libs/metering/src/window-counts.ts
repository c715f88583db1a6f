import { HyperLogLog } from './hyperloglog.js';
import { MAX_FRESHNESS_SAMPLES, MAX_KNOWN_NAMES, SERIES_PRECISION } from './limits.js';
import type { CollectorWindow, SeriesCount } from './model.js';

/** Points and series by name index. */
export class NamedCounts {
  readonly points = new Float64Array(MAX_KNOWN_NAMES);
  readonly series = new Uint32Array(MAX_KNOWN_NAMES);

  point(index: number): void {
    this.points[index] = (this.points[index] as number) + 1;
  }

  oneSeries(index: number): void {
    this.series[index] = (this.series[index] as number) + 1;
  }

  add(index: number, points: number, series: number): void {
    this.points[index] = (this.points[index] as number) + points;
    this.series[index] = (this.series[index] as number) + series;
  }
}

/** What one collector sent in one window, while it is being counted. */
export class WindowCounts {
  points = 0;
  bytes = 0;
  wireBytes = 0;
  requests = 0;
  malformed = 0;
  hostPoints = 0;
  readonly metrics = new NamedCounts();
  readonly executables = new NamedCounts();
  readonly services = new NamedCounts();
  readonly namespaces = new NamedCounts();
  private exactSeries = 0;
  private overflow: HyperLogLog | null = null;
  private readonly lags: number[] = [];
  private lagCount = 0;
  private maxLag = -Infinity;

  /** A series of the table, the first time in this window. */
  activeSeries(metric: number, executable: number): void {
    this.exactSeries++;
    this.metrics.oneSeries(metric);
    this.executables.oneSeries(executable);
  }

  /** Series of the table so far, without those of the sketch. */
  get exact(): number {
    return this.exactSeries;
  }

  /** A point of a series that the full table refused. */
  overflowSeries(lo: number, hi: number): void {
    this.overflow ??= new HyperLogLog(SERIES_PRECISION);
    this.overflow.add({ lo, hi });
  }

  /** The age of the newest point of one request. */
  lag(ms: number): void {
    this.maxLag = Math.max(this.maxLag, ms);
    // Beyond the bound the newest requests stand for all.
    this.lags[this.lagCount++ % MAX_FRESHNESS_SAMPLES] = ms;
  }

  /** Table and overflow hold different series, so their counts add up. */
  get series(): SeriesCount {
    if (this.overflow === null) return { value: this.exactSeries, exact: true };
    return { value: this.exactSeries + Math.round(this.overflow.estimate()), exact: false };
  }

  get freshness(): CollectorWindow['freshness'] {
    if (this.lagCount === 0) return null;
    const sorted = [...this.lags].sort((a, b) => a - b);
    const median = sorted[(sorted.length - 1) >> 1] as number;
    return { p50Ms: Math.round(median), maxMs: Math.round(this.maxLag) };
  }
}
