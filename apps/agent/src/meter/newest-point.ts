import { MetricsReader, type PointView } from '#lib/otlp';

/** The time of the newest point of an export request, ms since the epoch; -Infinity without points. */
export function newestPointMs(body: Uint8Array): number {
  let newest = -Infinity;
  new MetricsReader().read(body, {
    resource: () => undefined,
    metric: () => undefined,
    point: (point: PointView) => (newest = Math.max(newest, point.timeMs)),
  });
  return newest;
}
