/** A half-open span of time, ms since the epoch. */
export type Span = { readonly from: number; readonly to: number };

/** Seconds covered by at least one span, and seconds covered again by a further one. */
export function coverage(spans: readonly Span[]): { readonly covered: number; readonly overlap: number } {
  let coveredMs = 0;
  let totalMs = 0;
  let reached = -Infinity;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from || a.to - b.to)) {
    totalMs += Math.max(0, to - from);
    coveredMs += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return { covered: coveredMs / 1000, overlap: (totalMs - coveredMs) / 1000 };
}
