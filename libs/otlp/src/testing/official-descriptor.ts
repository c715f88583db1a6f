/**
 * The field numbers of opentelemetry-proto 1.x (`collector/metrics/v1`, `metrics/v1`, `common/v1`, `resource/v1`)
 * in the JSON form that protobufjs reads. Written from the published schema, apart from `fields.ts`, so that a
 * wrong number in one of them shows.
 */
type Field = { id: number; type: string; rule?: 'repeated'; options?: Record<string, unknown> };

const one = (id: number, type: string): Field => ({ id, type });
const many = (id: number, type: string): Field => ({ id, type, rule: 'repeated' });
// proto3 `optional`: presence matters, so a sent zero is kept.
const optional = (id: number, type: string): Field => ({ id, type, options: { proto3_optional: true } });

export const officialDescriptor = {
  options: { syntax: 'proto3' },
  nested: {
    ExportMetricsServiceRequest: { fields: { resourceMetrics: many(1, 'ResourceMetrics') } },
    ResourceMetrics: {
      fields: {
        resource: one(1, 'Resource'),
        scopeMetrics: many(2, 'ScopeMetrics'),
        schemaUrl: one(3, 'string'),
      },
    },
    Resource: { fields: { attributes: many(1, 'KeyValue'), droppedAttributesCount: one(2, 'uint32') } },
    ScopeMetrics: {
      fields: {
        scope: one(1, 'InstrumentationScope'),
        metrics: many(2, 'Metric'),
        schemaUrl: one(3, 'string'),
      },
    },
    InstrumentationScope: {
      fields: {
        name: one(1, 'string'),
        version: one(2, 'string'),
        attributes: many(3, 'KeyValue'),
        droppedAttributesCount: one(4, 'uint32'),
      },
    },
    Metric: {
      oneofs: { data: { oneof: ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] } },
      fields: {
        name: one(1, 'string'),
        description: one(2, 'string'),
        unit: one(3, 'string'),
        gauge: one(5, 'Gauge'),
        sum: one(7, 'Sum'),
        histogram: one(9, 'Histogram'),
        exponentialHistogram: one(10, 'ExponentialHistogram'),
        summary: one(11, 'Summary'),
        metadata: many(12, 'KeyValue'),
      },
    },
    Gauge: { fields: { dataPoints: many(1, 'NumberDataPoint') } },
    Sum: {
      fields: {
        dataPoints: many(1, 'NumberDataPoint'),
        aggregationTemporality: one(2, 'int32'),
        isMonotonic: one(3, 'bool'),
      },
    },
    Histogram: {
      fields: { dataPoints: many(1, 'HistogramDataPoint'), aggregationTemporality: one(2, 'int32') },
    },
    ExponentialHistogram: {
      fields: {
        dataPoints: many(1, 'ExponentialHistogramDataPoint'),
        aggregationTemporality: one(2, 'int32'),
      },
    },
    Summary: { fields: { dataPoints: many(1, 'SummaryDataPoint') } },
    NumberDataPoint: {
      oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
      fields: {
        startTimeUnixNano: one(2, 'fixed64'),
        timeUnixNano: one(3, 'fixed64'),
        asDouble: one(4, 'double'),
        exemplars: many(5, 'Exemplar'),
        asInt: one(6, 'sfixed64'),
        attributes: many(7, 'KeyValue'),
        flags: one(8, 'uint32'),
      },
    },
    HistogramDataPoint: {
      fields: {
        startTimeUnixNano: one(2, 'fixed64'),
        timeUnixNano: one(3, 'fixed64'),
        count: one(4, 'fixed64'),
        sum: optional(5, 'double'),
        bucketCounts: many(6, 'fixed64'),
        explicitBounds: many(7, 'double'),
        exemplars: many(8, 'Exemplar'),
        attributes: many(9, 'KeyValue'),
        flags: one(10, 'uint32'),
        min: optional(11, 'double'),
        max: optional(12, 'double'),
      },
    },
    ExponentialHistogramDataPoint: {
      fields: {
        attributes: many(1, 'KeyValue'),
        startTimeUnixNano: one(2, 'fixed64'),
        timeUnixNano: one(3, 'fixed64'),
        count: one(4, 'fixed64'),
        sum: optional(5, 'double'),
        scale: one(6, 'sint32'),
        zeroCount: one(7, 'fixed64'),
        positive: one(8, 'Buckets'),
        negative: one(9, 'Buckets'),
        flags: one(10, 'uint32'),
        exemplars: many(11, 'Exemplar'),
        min: optional(12, 'double'),
        max: optional(13, 'double'),
        zeroThreshold: one(14, 'double'),
      },
    },
    Buckets: { fields: { offset: one(1, 'sint32'), bucketCounts: many(2, 'uint64') } },
    SummaryDataPoint: {
      fields: {
        startTimeUnixNano: one(2, 'fixed64'),
        timeUnixNano: one(3, 'fixed64'),
        count: one(4, 'fixed64'),
        sum: one(5, 'double'),
        quantileValues: many(6, 'ValueAtQuantile'),
        attributes: many(7, 'KeyValue'),
        flags: one(8, 'uint32'),
      },
    },
    ValueAtQuantile: { fields: { quantile: one(1, 'double'), value: one(2, 'double') } },
    Exemplar: {
      oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
      fields: {
        filteredAttributes: many(7, 'KeyValue'),
        timeUnixNano: one(2, 'fixed64'),
        asDouble: one(3, 'double'),
        asInt: one(6, 'sfixed64'),
        spanId: one(4, 'bytes'),
        traceId: one(5, 'bytes'),
      },
    },
    KeyValue: { fields: { key: one(1, 'string'), value: one(2, 'AnyValue') } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            'stringValue',
            'boolValue',
            'intValue',
            'doubleValue',
            'arrayValue',
            'kvlistValue',
            'bytesValue',
          ],
        },
      },
      fields: {
        stringValue: one(1, 'string'),
        boolValue: one(2, 'bool'),
        intValue: one(3, 'int64'),
        doubleValue: one(4, 'double'),
        arrayValue: one(5, 'ArrayValue'),
        kvlistValue: one(6, 'KeyValueList'),
        bytesValue: one(7, 'bytes'),
      },
    },
    ArrayValue: { fields: { values: many(1, 'AnyValue') } },
    KeyValueList: { fields: { values: many(1, 'KeyValue') } },
  },
};
