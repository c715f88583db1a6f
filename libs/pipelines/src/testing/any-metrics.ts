import fc from 'fast-check';
import type { AnyValue, Attribute, Metric, MetricsData } from '#lib/otlp';

/**
 * Requests of any metric type, made of few names and values, so that processors find what they look for, points
 * meet and series go on from one request to the next. Among the names are those that break careless quoting.
 */
export const metricNames = [
  'process.cpu.time',
  'process.memory.usage',
  'http.server.requests',
  'größe.größer',
  'we"ird\\$name${x}',
  'a${env:HOME}$$b',
  '💥 boom',
] as const;

export const attributeKeys = ['state', 'user.id', 'schlüssel', '$key${x}', 'quo"te\\', 'path'] as const;

const texts = [
  'user',
  'system',
  '',
  'größe',
  'we"ird\\$name${x}',
  '/var/lib/x',
  'a\nb\t',
  '1',
  'true',
] as const;
const doubles = [0, -0, 1, 1.5, -2.25, 1e300, -1e-7, NaN, Infinity, -Infinity, 2 ** 60];
const ints = [0n, 1n, -1n, 7n, 500n, (1n << 53n) + 1n, (1n << 63n) - 1n, -(1n << 63n)];

const scalar: fc.Arbitrary<AnyValue> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 2, arbitrary: fc.constantFrom(...ints) },
  { weight: 3, arbitrary: fc.constantFrom(...doubles, NaN) },
  { weight: 2, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom(new Uint8Array(0), new Uint8Array([1, 2])) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const value: fc.Arbitrary<AnyValue> = fc.oneof(
  { weight: 12, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.record({ key: fc.constantFrom('a', 'b'), value: scalar }), {
        selector: ({ key }) => key,
      })
      .map((keyValues) => ({ keyValues })),
  },
);

const someAttributes: fc.Arbitrary<readonly Attribute[]> = fc.uniqueArray(
  fc.record({ key: fc.constantFrom(...attributeKeys), value }),
  { maxLength: 3, selector: ({ key }) => key },
);
const manyAttributes: fc.Arbitrary<readonly Attribute[]> = fc.constant(
  Array.from({ length: 120 }, (_, index) => ({ key: `extra.${index}`, value: `value ${index}` })),
);
const attributes = fc
  .tuple(someAttributes, fc.oneof({ weight: 30, arbitrary: fc.constant([]) }, manyAttributes))
  .map((parts) => parts.flat());

/** Values that are no JSON, too. */
const fewAttributes: fc.Arbitrary<readonly Attribute[]> = fc.constantFrom(
  [],
  [{ key: 'path', value: NaN }],
  [{ key: 'path', value: Infinity }],
  [{ key: 'path', value: 1 }],
  [{ key: 'path', value: 1n }],
);

/**
 * When series began, and the moment after which a request's points lie, epoch nanoseconds; and how far counts have
 * come by then.
 */
export type Times = {
  readonly begins: readonly bigint[];
  readonly now: bigint;
  readonly grown: number;
  /** Few series, all cumulative, so that each has many points. */
  readonly dense: boolean;
};

/** Times are whole seconds, so that resets, repetitions and points out of order happen. */
const second = 1_000_000_000n;
const base = ({ begins, now, dense }: Times) => ({
  attributes: dense ? fewAttributes : attributes,
  startTimeUnixNano: fc.constantFrom(...begins),
  timeUnixNano: fc.integer({ min: 1, max: 4 }).map((step) => now + BigInt(step) * second),
  flags: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 3)),
});

const exemplar = fc.record({
  filteredAttributes: someAttributes,
  timeUnixNano: fc.constant(second),
  value: fc.constantFrom(1.5, 2n, null),
  spanId: fc.constant(new Uint8Array(8).fill(7)),
  traceId: fc.constant(new Uint8Array(16).fill(9)),
});
const exemplars = fc.array(exemplar, { maxLength: 1 });
const orNull = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(item, { freq: 5 });
const double = fc.constantFrom(...doubles, 3, 4.5, 100);
/** Most counts go on from those of earlier requests, some begin again. */
const count = ({ grown }: Times) =>
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(grown, grown, grown, 0)).map(([a, b]) => a + b);
const moments = { sum: orNull(double), min: orNull(double), max: orNull(double) };

const number = (times: Times) =>
  fc.record({
    ...base(times),
    value: fc.oneof(
      double,
      fc.constantFrom(...ints, 3n, BigInt(times.grown), BigInt(times.grown), times.grown + 0.5),
      fc.constant(null),
    ),
    exemplars,
  });

/** Bounds and buckets agree in number, as the protocol wants it. */
const histogram = (times: Times) =>
  fc
    .record({
      ...base(times),
      ...moments,
      // Where attributes are no JSON, bounds do not keep points apart, and points of unequal length end the collector.
      explicitBounds: fc.constantFrom([1, 5], [1, 10], times.dense ? [1, 5] : [2.5]),
      buckets: fc.array(count(times), { minLength: 3, maxLength: 3 }),
      exemplars,
    })
    .map(({ buckets, ...point }) => {
      const bucketCounts = buckets.slice(0, point.explicitBounds.length + 1);
      return { ...point, bucketCounts, count: bucketCounts.reduce((sum, one) => sum + one, 0) };
    });

const buckets = (times: Times) =>
  fc.record({
    offset: fc.integer({ min: -3, max: 3 }),
    bucketCounts: fc.array(count(times), { maxLength: 4 }),
  });
const exponential = (times: Times) =>
  fc
    .record({
      ...base(times),
      ...moments,
      scale: fc.integer({ min: -1, max: 3 }),
      zeroCount: count(times),
      zeroThreshold: fc.constantFrom(0, 0.5),
      positive: buckets(times),
      negative: buckets(times),
      exemplars,
    })
    .map((point) => {
      const counts = [point.zeroCount, ...point.positive.bucketCounts, ...point.negative.bucketCounts];
      return { ...point, count: counts.reduce((sum, one) => sum + one, 0) };
    });

const summary = (times: Times) =>
  fc.record({
    ...base(times),
    count: count(times),
    sum: double,
    quantiles: fc.array(fc.record({ quantile: fc.constantFrom(0, 0.5, 1), value: double }), { maxLength: 2 }),
  });

const metric = (times: Times): fc.Arbitrary<Metric> => {
  const about = {
    name: times.dense ? fc.constant(metricNames[0]) : fc.constantFrom(...metricNames),
    description: fc.constantFrom('', 'what it is'),
    unit: times.dense ? fc.constant('1') : fc.constantFrom('1', 's'),
    metadata: someAttributes,
  };
  const cumulative = 'cumulative' as const;
  const temporality = fc.constantFrom(times.dense ? cumulative : ('delta' as const), cumulative, cumulative);
  const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);
  const few = <T>(point: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(point, { maxLength: 6 });
  const sum = {
    ...about,
    type: type('sum'),
    temporality,
    monotonic: fc.boolean(),
    points: few(number(times)),
  };
  return fc.oneof(
    fc.record({ ...about, type: type('gauge'), points: few(number(times)) }),
    { weight: 2, arbitrary: fc.record(sum) },
    fc.record({ ...about, type: type('histogram'), temporality, points: few(histogram(times)) }),
    fc.record({ ...about, type: type('exponentialHistogram'), temporality, points: few(exponential(times)) }),
    fc.record({ ...about, type: type('summary'), points: few(summary(times)) }),
  );
};

const process: fc.Arbitrary<readonly Attribute[]> = fc
  .record({
    pid: fc.integer({ min: 1, max: 4 }),
    parent: fc.constantFrom(1n, 2n),
    executable: fc.constantFrom('nginx', 'postgres', 'java', 'größe', 'we"ird\\$name${x}'),
  })
  .map(({ pid, parent, executable }) => [
    { key: 'process.pid', value: BigInt(pid) },
    { key: 'process.parent_pid', value: parent },
    { key: 'process.executable.name', value: executable },
  ]);

/** A request whose points lie in the seconds after `now`. */
export function anyMetrics(times: Times): fc.Arbitrary<MetricsData> {
  const scope = fc.record({
    name: times.dense ? fc.constant('') : fc.constantFrom('', 'scraper'),
    version: fc.constant('1'),
    attributes: fc.constant([]),
    droppedAttributesCount: fc.constant(0),
  });
  const scopeMetrics = fc.record({
    scope,
    metrics: fc.array(metric(times), { maxLength: 6 }),
    schemaUrl: fc.constant(''),
  });
  const resource = fc
    .tuple(someAttributes, fc.oneof(process, fc.constant([])))
    .map((parts) => ({ attributes: times.dense ? [] : parts.flat(), droppedAttributesCount: 0 }));
  return fc.record({
    resourceMetrics: fc.array(
      fc.record({
        resource,
        scopeMetrics: fc.array(scopeMetrics, { maxLength: 2 }),
        schemaUrl: fc.constant(''),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
}
