import { decodeMetrics, type MetricsData } from '#lib/otlp';
import type { Recording } from './recording.js';

/**
 * What hosts sent in one of the first windows: at least one whole export where there is any, and no further one once
 * there are so many points. @throws OtlpDecodeError where an export is none
 */
export function sampleOf({ windows }: Recording, enoughPoints: number): MetricsData {
  const first = windows.find(({ exports }) => exports.length > 0)?.exports ?? [];
  const resourceMetrics: MetricsData['resourceMetrics'][number][] = [];
  let points = 0;
  for (const { body } of first) {
    if (points >= enoughPoints) break;
    const data = decodeMetrics(body);
    resourceMetrics.push(...data.resourceMetrics);
    points += pointsIn(data);
  }
  return { resourceMetrics };
}

function pointsIn({ resourceMetrics }: MetricsData): number {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
  return metrics.reduce((sum, { points }) => sum + points.length, 0);
}
