import fc from 'fast-check';
import type { AnyValue, Attribute, Metric, MetricsData } from '../model.js';

/** Any request the model can hold, kept small so that many can be tried. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const nanos = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const double = fc.double();
const uint32 = fc.nat({ max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 16 });
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 });
const orNull = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(item);

const tree = fc.letrec<{ value: AnyValue; attribute: Attribute }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.constant(null), text, fc.boolean(), int64, double, bytes),
    few(tie('value')),
    few(tie('attribute')).map((keyValues) => ({ keyValues })),
  ),
  attribute: fc.record({ key: text, value: tie('value') }),
}));

export const anyValue = tree.value;
export const attributes = fc.uniqueArray(tree.attribute, { maxLength: 4, selector: ({ key }) => key });

const exemplar = fc.record({
  filteredAttributes: attributes,
  timeUnixNano: nanos,
  value: orNull(fc.oneof(double, int64)),
  spanId: bytes,
  traceId: bytes,
});
const base = { attributes, startTimeUnixNano: nanos, timeUnixNano: nanos, flags: uint32 };
const moments = { count, sum: orNull(double), min: orNull(double), max: orNull(double) };
const offset = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const buckets = fc.record({ offset, bucketCounts: few(count) });
const numberPoint = fc.record({ ...base, value: orNull(fc.oneof(double, int64)), exemplars: few(exemplar) });
const histogramPoint = fc.record({
  ...base,
  ...moments,
  bucketCounts: few(count),
  explicitBounds: few(double),
  exemplars: few(exemplar),
});
const exponentialPoint = fc.record({
  ...base,
  ...moments,
  scale: offset,
  zeroCount: count,
  zeroThreshold: double,
  positive: buckets,
  negative: buckets,
  exemplars: few(exemplar),
});
const quantile = fc.record({ quantile: double, value: double });
const summaryPoint = fc.record({ ...base, count, sum: double, quantiles: few(quantile) });

const about = { name: text, description: text, unit: text, metadata: attributes };
const temporality = fc.constantFrom('unspecified' as const, 'delta' as const, 'cumulative' as const);
const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);

export const metric: fc.Arbitrary<Metric> = fc.oneof(
  fc.record({ ...about, type: type('unset'), points: fc.constant<[]>([]) }),
  fc.record({ ...about, type: type('gauge'), points: few(numberPoint) }),
  fc.record({ ...about, type: type('sum'), temporality, monotonic: fc.boolean(), points: few(numberPoint) }),
  fc.record({ ...about, type: type('histogram'), temporality, points: few(histogramPoint) }),
  fc.record({ ...about, type: type('exponentialHistogram'), temporality, points: few(exponentialPoint) }),
  fc.record({ ...about, type: type('summary'), points: few(summaryPoint) }),
);

export const scope = fc.record({ name: text, version: text, attributes, droppedAttributesCount: uint32 });
const scopeMetrics = fc.record({ scope, metrics: few(metric), schemaUrl: text });
const resource = fc.record({ attributes, droppedAttributesCount: uint32 });

export const metricsData: fc.Arbitrary<MetricsData> = fc.record({
  resourceMetrics: few(fc.record({ resource, scopeMetrics: few(scopeMetrics), schemaUrl: text })),
});
