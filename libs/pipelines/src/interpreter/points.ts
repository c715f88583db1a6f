import type { Metric } from '#lib/otlp';

/** A point of any type of metric. */
export type Point = Metric['points'][number];

/** What a point has grown by, `undefined` where that cannot be said, and what to measure the next one against. */
export type Growth<P extends Point = Point> = { readonly delta: P | undefined; readonly remembered: P };

/** The metric with what `change` makes of its points; `undefined` takes one out. A change keeps the type of a point. */
export function mapPoints(metric: Metric, change: (point: Point) => Point | undefined): Metric {
  const points: readonly Point[] = metric.points;
  const changed = points.map(change).filter((point) => point !== undefined);
  // Every point comes from this metric and keeps its type, which the union of metrics cannot say.
  return { ...metric, points: changed } as Metric;
}

export function filterPointsOf(metric: Metric, keep: (point: Point) => boolean): Metric {
  const left = mapPoints(metric, (point) => (keep(point) ? point : undefined));
  // A metric that keeps all of its points stays the same object.
  return left.points.length === metric.points.length ? metric : left;
}
