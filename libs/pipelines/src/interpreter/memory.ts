import type { MetricsData } from '#lib/otlp';
import type { Point } from './points.js';
import { staleAfterMinutes } from '../spec/merging.js';

/** The last reading of one counter of one process. */
export type CounterReading = { readonly value: number | bigint; readonly timeUnixNano: bigint };

/** The running total of one merged counter. */
export type CounterTotal = {
  readonly value: number | bigint;
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
};

/** What an interval holds back, and how many intervals were over when its first point came. */
export type HeldBack = { readonly intervals: bigint; readonly data: MetricsData };

/** By the key of a resource and scope, then by series in it: short keys, each made of what differs there. */
export type ByOwner<T> = ReadonlyMap<string, ReadonlyMap<string, T>>;

/**
 * What a pipeline remembers from one scrape to the next. The collector keeps the same inside its components; here
 * it is plain data, so that interpreting stays pure.
 */
export type InterpreterMemory = {
  /** When the pipeline started, epoch nanoseconds: a counter that began later is known from its very beginning. */
  readonly startedAt: bigint;
  readonly readings: ByOwner<CounterReading>;
  readonly totals: ReadonlyMap<string, CounterTotal>;
  /** The last point of each series whose growth is sent on. */
  readonly points: ByOwner<Point>;
  /** What each interval processor holds back, by its place. */
  readonly held: ReadonlyMap<number, HeldBack>;
};

export function freshMemory(startedAt: bigint): InterpreterMemory {
  return { startedAt, readings: new Map(), totals: new Map(), points: new Map(), held: new Map() };
}

/** A copy without what was silent for too long at the time `now`, so that processes that are gone cost nothing. */
export function stillFresh<T extends { readonly timeUnixNano: bigint }>(
  remembered: ReadonlyMap<string, T>,
  now: bigint,
): Map<string, T> {
  const oldest = now - BigInt(staleAfterMinutes) * 60_000_000_000n;
  const fresh = new Map<string, T>();
  for (const [key, value] of remembered) if (value.timeUnixNano >= oldest) fresh.set(key, value);
  return fresh;
}

/** The same for what is remembered by owner; owners of which nothing is left go. */
export function freshByOwner<T extends { readonly timeUnixNano: bigint }>(
  remembered: ByOwner<T>,
  now: bigint,
): Map<string, Map<string, T>> {
  const fresh = new Map<string, Map<string, T>>();
  for (const [owner, ofOwner] of remembered) {
    const left = stillFresh(ofOwner, now);
    if (left.size > 0) fresh.set(owner, left);
  }
  return fresh;
}

/** Times are the same from one point to the next more often than not, and writing them out is slow. */
export function timeText(time: bigint): string {
  if (time !== last.time) last = { time, text: String(time) };
  return last.text;
}

let last = { time: 0n, text: '0' };

/** The time of a scrape: that of its newest point, 0 where it has none. */
export function timeOf({ resourceMetrics }: MetricsData): bigint {
  let newest = 0n;
  for (const { scopeMetrics } of resourceMetrics)
    for (const { metrics } of scopeMetrics)
      for (const { points } of metrics)
        for (const { timeUnixNano } of points) if (timeUnixNano > newest) newest = timeUnixNano;
  return newest;
}
