/** A hole in the numbers of one outbox; both ends belong to it. */
export type Gap = { readonly fromN: number; readonly toN: number; readonly reason: GapReason };
export type GapReason =
  | 'missing' // never seen: dropped by the host's outbox, or discarded by the stream before it was read
  | 'malformed' // seen, but no window message
  | 'foreign-host'; // seen, but about another host than the one that may speak here

/** What is known of the numbers 1, 2, 3 … of one outbox: everything up to `highWater` but the gaps has arrived. */
export type Numbering = { readonly highWater: number; readonly gaps: readonly Gap[] };
export const NOTHING_YET: Numbering = { highWater: 0, gaps: [] };

/** Number `n` has arrived: numbers skipped by it become a gap, and a gap that held it closes. Pure. */
export function arrived({ highWater, gaps }: Numbering, n: number): Numbering {
  if (n > highWater) return { highWater: n, gaps: [...gaps, ...skipped(highWater, n)] };
  return { highWater, gaps: gaps.flatMap((gap) => without(gap, n)) };
}

/** Number `n` came and cannot be used. Pure. */
export function unusable({ highWater, gaps }: Numbering, n: number, reason: GapReason): Numbering {
  // A second copy of a number proves nothing about the first.
  if (n <= highWater) return { highWater, gaps };
  return { highWater: n, gaps: [...gaps, ...skipped(highWater, n), { fromN: n, toN: n, reason }] };
}

function skipped(highWater: number, n: number): readonly Gap[] {
  return n > highWater + 1 ? [{ fromN: highWater + 1, toN: n - 1, reason: 'missing' }] : [];
}

function without(gap: Gap, n: number): readonly Gap[] {
  const { fromN, toN } = gap;
  if (n < fromN || n > toN) return [gap];
  const before = { ...gap, toN: n - 1 };
  const after = { ...gap, fromN: n + 1 };
  return [before, after].filter((part) => part.fromN <= part.toN);
}
