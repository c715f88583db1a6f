/**
 * The OTLP metrics model as plain readonly data, after opentelemetry-proto `metrics/v1`.
 * Times are nanoseconds since the epoch. Fields that the model does not name are skipped on reading.
 */

/**
 * An attribute value. The JavaScript type is the kind, so no value needs a wrapper:
 * `bigint` is an int64, `number` is a double, `null` is a value that was never set.
 */
export type AnyValue =
  null | string | boolean | bigint | number | Uint8Array | readonly AnyValue[] | KeyValueList;

/** A map as an attribute value; the order of its members means nothing. */
export type KeyValueList = { readonly keyValues: readonly Attribute[] };

export type Attribute = { readonly key: string; readonly value: AnyValue };

export type MetricsData = { readonly resourceMetrics: readonly ResourceMetrics[] };

export type ResourceMetrics = {
  readonly resource: Resource;
  readonly scopeMetrics: readonly ScopeMetrics[];
  readonly schemaUrl: string;
};

export type Resource = { readonly attributes: readonly Attribute[]; readonly droppedAttributesCount: number };

export type ScopeMetrics = {
  readonly scope: Scope;
  readonly metrics: readonly Metric[];
  readonly schemaUrl: string;
};

export type Scope = {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
};

export type Temporality = 'unspecified' | 'delta' | 'cumulative';

type MetricDescription = {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly metadata: readonly Attribute[];
};

export type Metric = MetricDescription & MetricPoints;

/** What a metric holds; `unset` is a metric without data, which the protocol allows. */
export type MetricPoints =
  | { readonly type: 'unset'; readonly points: readonly [] }
  | { readonly type: 'gauge'; readonly points: readonly NumberPoint[] }
  | {
      readonly type: 'sum';
      readonly temporality: Temporality;
      readonly monotonic: boolean;
      readonly points: readonly NumberPoint[];
    }
  | {
      readonly type: 'histogram';
      readonly temporality: Temporality;
      readonly points: readonly HistogramPoint[];
    }
  | {
      readonly type: 'exponentialHistogram';
      readonly temporality: Temporality;
      readonly points: readonly ExponentialHistogramPoint[];
    }
  | { readonly type: 'summary'; readonly points: readonly SummaryPoint[] };

export type MetricType = MetricPoints['type'];

type PointBase = {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  /** Bit 0: no recorded value. */
  readonly flags: number;
};

/** A `bigint` value was sent as an integer, a `number` as a double, `null` not at all. */
export type NumberPoint = PointBase & {
  readonly value: number | bigint | null;
  readonly exemplars: readonly Exemplar[];
};

/** Counts are exact up to 2^53. `sum`, `min` and `max` are `null` where they were not sent. */
export type HistogramPoint = PointBase & {
  readonly count: number;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly Exemplar[];
};

export type ExponentialBuckets = { readonly offset: number; readonly bucketCounts: readonly number[] };

export type ExponentialHistogramPoint = PointBase & {
  readonly count: number;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  readonly exemplars: readonly Exemplar[];
};

export type SummaryPoint = PointBase & {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
};

export type Exemplar = {
  readonly filteredAttributes: readonly Attribute[];
  readonly timeUnixNano: bigint;
  readonly value: number | bigint | null;
  readonly spanId: Uint8Array;
  readonly traceId: Uint8Array;
};

/** The value of one attribute, or `undefined` where the key is absent. */
export function attributeValue(attributes: readonly Attribute[], key: string): AnyValue | undefined {
  for (const attribute of attributes) if (attribute.key === key) return attribute.value;
  return undefined;
}
