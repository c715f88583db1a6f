import { Hasher, type Hash64 } from './hash.js';
import type { AnyValue, Attribute, Metric, MetricType, Resource, Scope, Temporality } from './model.js';

/**
 * The version of the rules below. Counts made under two versions must not be compared, so a change of any rule,
 * code or constant here or in `hash.ts` is a new version.
 */
export const seriesIdentityVersion = 1;

/** Codes are part of the identity: never reuse or renumber. */
const KIND = {
  empty: 0,
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  bytes: 5,
  array: 6,
  map: 7,
  attribute: 8,
  scope: 9,
  stream: 10,
  series: 11,
} as const;
const TYPE: Readonly<Record<MetricType, number>> = {
  unset: 0,
  gauge: 1,
  sum: 2,
  histogram: 3,
  exponentialHistogram: 4,
  summary: 5,
};
const TEMPORALITY: Readonly<Record<Temporality, number>> = { unspecified: 0, delta: 1, cumulative: 2 };

const number64 = new DataView(new ArrayBuffer(8));

/** The parts of a metric that tell its series from those of another metric with the same name. */
export type StreamShape = {
  readonly type: MetricType;
  readonly temporality: Temporality;
  readonly monotonic: boolean;
};

/** The shape of a metric; where a type has no temporality or monotonicity the neutral value stands in. */
export function streamShape(metric: Metric): StreamShape {
  return {
    type: metric.type,
    temporality: 'temporality' in metric ? metric.temporality : 'unspecified',
    monotonic: metric.type === 'sum' && metric.monotonic,
  };
}

export function hashText(text: string): Hash64 {
  return new Hasher().start(KIND.string).text(text).finish();
}

/** The hash of one key with its value; values of different kinds (int 1, double 1, "1") differ. */
export function hashAttribute(attribute: Attribute): Hash64 {
  const value = hashValue(attribute.value);
  return new Hasher().start(KIND.attribute).text(attribute.key).word(value.lo, value.hi).finish();
}

/**
 * The hash of a set of attributes. Lanes are added, so the order does not matter; each member is already well
 * mixed, so sums of different sets collide no more often than random numbers do.
 */
export function hashAttributes(attributes: readonly Attribute[]): Hash64 {
  return hashSet(attributes.map(hashAttribute));
}

export function hashSet(members: readonly Hash64[]): Hash64 {
  let lo = 0;
  let hi = 0;
  for (const member of members) {
    lo = (lo + member.lo) | 0;
    hi = (hi + member.hi) | 0;
  }
  return new Hasher().start(KIND.map).word(lo, hi).word(members.length, 0).finish();
}

export function hashScope(name: Hash64, version: Hash64, attributes: Hash64): Hash64 {
  return new Hasher()
    .start(KIND.scope)
    .word(name.lo, name.hi)
    .word(version.lo, version.hi)
    .word(attributes.lo, attributes.hi)
    .finish();
}

/** The hash of everything that the points of one metric share. */
export function hashStream(resource: Hash64, scope: Hash64, name: Hash64, shape: StreamShape): Hash64 {
  return new Hasher()
    .start(KIND.stream)
    .word(resource.lo, resource.hi)
    .word(scope.lo, scope.hi)
    .word(name.lo, name.hi)
    .word(TYPE[shape.type], TEMPORALITY[shape.temporality] * 2 + Number(shape.monotonic))
    .finish();
}

/** Sets `hasher` to the identity of one series: its stream, and the summed hashes of its point attributes. */
export function absorbSeries(hasher: Hasher, stream: Hash64, sum: Hash64, count: number): void {
  hasher.start(KIND.series).word(stream.lo, stream.hi).word(sum.lo, sum.hi).word(count, 0);
}

/** What tells one series from another; units, descriptions and schema addresses do not. */
export type SeriesKey = {
  readonly resource: Pick<Resource, 'attributes'>;
  readonly scope: Pick<Scope, 'name' | 'version' | 'attributes'>;
  readonly metric: Metric;
  readonly attributes: readonly Attribute[];
};

/**
 * The identity of one series: resource attributes, scope (name, version, attributes), metric name, type,
 * temporality, monotonicity and point attributes, each set independent of its order.
 * `MetricsReader` gives the same value for every point without building the model.
 */
export function seriesIdentity(key: SeriesKey): Hash64 {
  const { scope } = key;
  const stream = hashStream(
    hashAttributes(key.resource.attributes),
    hashScope(hashText(scope.name), hashText(scope.version), hashAttributes(scope.attributes)),
    hashText(key.metric.name),
    streamShape(key.metric),
  );
  let lo = 0;
  let hi = 0;
  for (const attribute of key.attributes) {
    const hash = hashAttribute(attribute);
    lo = (lo + hash.lo) | 0;
    hi = (hi + hash.hi) | 0;
  }
  const hasher = new Hasher();
  absorbSeries(hasher, stream, { lo, hi }, key.attributes.length);
  return hasher.finish();
}

function hashValue(value: AnyValue): Hash64 {
  const hasher = new Hasher();
  if (typeof value === 'string') return hasher.start(KIND.string).text(value).finish();
  if (typeof value === 'boolean') return hasher.start(KIND.bool).word(Number(value), 0).finish();
  if (typeof value === 'bigint') {
    number64.setBigInt64(0, value, true);
    return hasher.start(KIND.int).word(number64.getInt32(0, true), number64.getInt32(4, true)).finish();
  }
  if (typeof value === 'number') {
    // One NaN for all: its payload bits do not survive JavaScript anyway.
    number64.setFloat64(0, Number.isNaN(value) ? NaN : value, true);
    return hasher.start(KIND.double).word(number64.getInt32(0, true), number64.getInt32(4, true)).finish();
  }
  return hashComposite(value);
}

function hashComposite(value: Exclude<AnyValue, string | boolean | bigint | number>): Hash64 {
  const hasher = new Hasher();
  if (value === null) return hasher.start(KIND.empty).finish();
  if (value instanceof Uint8Array) return hasher.start(KIND.bytes).bytes(value, value.length).finish();
  if ('keyValues' in value) return hashAttributes(value.keyValues);
  hasher.start(KIND.array).word(value.length, 0);
  for (const item of value) {
    const hash = hashValue(item);
    hasher.word(hash.lo, hash.hi);
  }
  return hasher.finish();
}
