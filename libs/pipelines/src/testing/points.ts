import type { Attribute, Metric, MetricsData } from '#lib/otlp';
import { attributesKey, scopeKey } from '../interpreter/keys.js';

/**
 * One line for each point of any type, with everything that it holds and whose it is, sorted: equal for equal
 * outputs, in whatever order they came.
 */
function allPointLines(requests: readonly MetricsData[]): readonly string[] {
  return requests
    .flatMap(({ resourceMetrics }) =>
      resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
        scopeMetrics.flatMap(({ scope, metrics }) =>
          metrics.flatMap((metric) =>
            metric.points.map((point) =>
              [attributesKey(resource.attributes), scopeKey(scope), about(metric), written(point)].join(
                ' | ',
              ),
            ),
          ),
        ),
      ),
    )
    .sort();
}

/** The lines that only one of two outputs has; empty for equal ones. */
export function differences(
  ours: readonly MetricsData[],
  theirs: readonly MetricsData[],
): { readonly ours: readonly string[]; readonly theirs: readonly string[] } {
  const [left, right] = [allPointLines(ours), allPointLines(theirs)];
  return { ours: without(left, right), theirs: without(right, left) };
}

/** Each line of `other` takes away one of `lines`. */
function without(lines: readonly string[], other: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

function about(metric: Metric): string {
  const { points: _, metadata, ...rest } = metric;
  return `${written(rest)} ${attributesKey(metadata)}`;
}

/**
 * Like JSON with sorted keys, and it tells apart what JSON does not: integers from doubles, NaN and infinities. A
 * negative zero counts as zero: the collector leaves out zeros where the protocol has them as the default.
 */
function written(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value === 0 ? '0' : String(value);
  if (value instanceof Uint8Array) return `bytes:${value.join(' ')}`;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  const fields = Object.entries(value).map(([key, one]) => `${key}: ${field(key, one)}`);
  return `{ ${fields.sort().join(', ')} }`;
}

function field(key: string, value: unknown): string {
  const isAttributes = key.toLowerCase().endsWith('attributes');
  return isAttributes ? attributesKey(value as readonly Attribute[]) : written(value);
}
