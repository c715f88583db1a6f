import { fixed64Tag, lengthTag, varintTag } from './wire-reader.js';

/** Tags of opentelemetry-proto `collector/metrics/v1`, `metrics/v1`, `common/v1` and `resource/v1`. */
export const REQUEST = { resourceMetrics: lengthTag(1) } as const;
export const RESOURCE_METRICS = {
  resource: lengthTag(1),
  scopeMetrics: lengthTag(2),
  schemaUrl: lengthTag(3),
} as const;
export const RESOURCE = { attributes: lengthTag(1), droppedAttributesCount: varintTag(2) } as const;
export const SCOPE_METRICS = { scope: lengthTag(1), metrics: lengthTag(2), schemaUrl: lengthTag(3) } as const;
export const SCOPE = {
  name: lengthTag(1),
  version: lengthTag(2),
  attributes: lengthTag(3),
  droppedAttributesCount: varintTag(4),
} as const;
export const METRIC = {
  name: lengthTag(1),
  description: lengthTag(2),
  unit: lengthTag(3),
  gauge: lengthTag(5),
  sum: lengthTag(7),
  histogram: lengthTag(9),
  exponentialHistogram: lengthTag(10),
  summary: lengthTag(11),
  metadata: lengthTag(12),
} as const;
/** The same numbers in gauge, sum, histogram, exponential histogram and summary, as far as they have them. */
export const DATA = { points: lengthTag(1), temporality: varintTag(2), monotonic: varintTag(3) } as const;

const TIMES = { start: fixed64Tag(2), time: fixed64Tag(3) } as const;
export const NUMBER_POINT = {
  ...TIMES,
  asDouble: fixed64Tag(4),
  exemplars: lengthTag(5),
  asInt: fixed64Tag(6),
  attributes: lengthTag(7),
  flags: varintTag(8),
} as const;
export const HISTOGRAM_POINT = {
  ...TIMES,
  count: fixed64Tag(4),
  sum: fixed64Tag(5),
  bucketCount: fixed64Tag(6),
  bucketCounts: lengthTag(6),
  explicitBound: fixed64Tag(7),
  explicitBounds: lengthTag(7),
  exemplars: lengthTag(8),
  attributes: lengthTag(9),
  flags: varintTag(10),
  min: fixed64Tag(11),
  max: fixed64Tag(12),
} as const;
export const EXPONENTIAL_POINT = {
  ...TIMES,
  attributes: lengthTag(1),
  count: fixed64Tag(4),
  sum: fixed64Tag(5),
  scale: varintTag(6),
  zeroCount: fixed64Tag(7),
  positive: lengthTag(8),
  negative: lengthTag(9),
  flags: varintTag(10),
  exemplars: lengthTag(11),
  min: fixed64Tag(12),
  max: fixed64Tag(13),
  zeroThreshold: fixed64Tag(14),
} as const;
export const BUCKETS = {
  offset: varintTag(1),
  bucketCount: varintTag(2),
  bucketCounts: lengthTag(2),
} as const;
export const SUMMARY_POINT = {
  ...TIMES,
  count: fixed64Tag(4),
  sum: fixed64Tag(5),
  quantiles: lengthTag(6),
  attributes: lengthTag(7),
  flags: varintTag(8),
} as const;
export const QUANTILE = { quantile: fixed64Tag(1), value: fixed64Tag(2) } as const;
export const EXEMPLAR = {
  time: fixed64Tag(2),
  asDouble: fixed64Tag(3),
  spanId: lengthTag(4),
  traceId: lengthTag(5),
  asInt: fixed64Tag(6),
  filteredAttributes: lengthTag(7),
} as const;
export const KEY_VALUE = { key: lengthTag(1), value: lengthTag(2) } as const;
export const ANY_VALUE = {
  string: lengthTag(1),
  bool: varintTag(2),
  int: varintTag(3),
  double: fixed64Tag(4),
  array: lengthTag(5),
  kvlist: lengthTag(6),
  bytes: lengthTag(7),
} as const;
/** The repeated field of both `ArrayValue` and `KeyValueList`. */
export const LIST = { values: lengthTag(1) } as const;
