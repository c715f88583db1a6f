import { MetricsReader, type MetricsVisitor } from '#lib/otlp';
import type { RecordedExport, RecordedWindow } from './recording.js';

/** Counts a recording while it grows. */
export class RecordingCounter {
  points = 0;
  private readonly reader = new MetricsReader();
  private readonly seen = new Map<string, Set<number>>();

  /** Throws `OtlpDecodeError` for what is no export. */
  add({ body, host }: RecordedExport): void {
    const series = this.seen.get(host) ?? new Set<number>();
    this.seen.set(host, series);
    const visitor: MetricsVisitor = {
      resource: () => undefined,
      metric: () => undefined,
      point: ({ hi, lo }) => {
        this.points++;
        series.add(seriesNumber(lo, hi));
      },
    };
    this.reader.read(body, visitor);
  }

  /** Distinct series of each host for itself. */
  get series(): number {
    return [...this.seen.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

/** Points, and distinct series of each host for itself. Throws `OtlpDecodeError` for what is no export. */
export function countRecording(windows: Iterable<RecordedWindow>): {
  readonly points: number;
  readonly series: number;
} {
  const counter = new RecordingCounter();
  for (const { exports } of windows) for (const one of exports) counter.add(one);
  return { points: counter.points, series: counter.series };
}

/** 53 of the 64 bits of a series identity, as many as a number holds: two of a million agree once in 18,000 times. */
export function seriesNumber(lo: number, hi: number): number {
  return (hi & 0x1fffff) * 2 ** 32 + (lo >>> 0);
}
