import { AttributeReader } from './attribute-reader.js';
import { DATA, METRIC, REQUEST, RESOURCE, RESOURCE_METRICS, SCOPE, SCOPE_METRICS } from './fields.js';
import { readMessage, type Draft, type FieldReaders } from './message.js';
import type {
  Metric,
  MetricPoints,
  MetricsData,
  MetricType,
  Resource,
  ResourceMetrics,
  Scope,
  ScopeMetrics,
  Temporality,
} from './model.js';
import {
  readExponentialPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './read-points.js';

type Fields<T> = FieldReaders<Draft<T>, AttributeReader>;
type MetricDraft = Draft<Pick<Metric, 'name' | 'description' | 'unit' | 'metadata'>> & { data: MetricPoints };
type DataDraft<P> = { temporality: Temporality; monotonic: boolean; points: P[] };
type PointReader<P> = (reader: AttributeReader, end: number) => P;

/**
 * Decodes an `ExportMetricsServiceRequest` (uncompressed protobuf) into the whole model.
 * Throws `OtlpDecodeError`. Where only counts are wanted, `MetricsReader` is several times faster.
 */
export function decodeMetrics(bytes: Uint8Array): MetricsData {
  const at = { end: bytes.length, fields: REQUEST_FIELDS };
  try {
    shared.reset(bytes);
    return readMessage<Draft<MetricsData>, AttributeReader>(shared, { resourceMetrics: [] }, at);
  } finally {
    shared.reset(NO_BYTES);
  }
}

// Only a cache of interned attributes survives a call; the tables are too large to build for each request.
const shared = new AttributeReader();
const NO_BYTES = new Uint8Array(0);

const RESOURCE_FIELDS: Fields<Resource> = {
  [RESOURCE.attributes]: (into, reader, end) => into.attributes.push(reader.attribute(reader.enter(end))),
  [RESOURCE.droppedAttributesCount]: (into, reader) => (into.droppedAttributesCount = reader.varint() >>> 0),
};

const SCOPE_FIELDS: Fields<Scope> = {
  [SCOPE.name]: (into, reader, end) => (into.name = reader.hashedText(reader.enter(end)).text),
  [SCOPE.version]: (into, reader, end) => (into.version = reader.hashedText(reader.enter(end)).text),
  [SCOPE.attributes]: (into, reader, end) => into.attributes.push(reader.attribute(reader.enter(end))),
  [SCOPE.droppedAttributesCount]: (into, reader) => (into.droppedAttributesCount = reader.varint() >>> 0),
};

const SCOPE_METRICS_FIELDS: Fields<ScopeMetrics> = {
  [SCOPE_METRICS.scope]: (into, reader, end) => (into.scope = readScope(reader, reader.enter(end))),
  [SCOPE_METRICS.metrics]: (into, reader, end) => into.metrics.push(readMetric(reader, reader.enter(end))),
  [SCOPE_METRICS.schemaUrl]: (into, reader, end) =>
    (into.schemaUrl = reader.hashedText(reader.enter(end)).text),
};

const RESOURCE_METRICS_FIELDS: Fields<ResourceMetrics> = {
  [RESOURCE_METRICS.resource]: (into, reader, end) =>
    (into.resource = readResource(reader, reader.enter(end))),
  [RESOURCE_METRICS.scopeMetrics]: (into, reader, end) => {
    const empty = { scope: emptyScope(), metrics: [], schemaUrl: '' };
    const at = { end: reader.enter(end), fields: SCOPE_METRICS_FIELDS };
    into.scopeMetrics.push(readMessage<Draft<ScopeMetrics>, AttributeReader>(reader, empty, at));
  },
  [RESOURCE_METRICS.schemaUrl]: (into, reader, end) =>
    (into.schemaUrl = reader.hashedText(reader.enter(end)).text),
};

const REQUEST_FIELDS: Fields<MetricsData> = {
  [REQUEST.resourceMetrics]: (into, reader, end) => {
    const empty = { resource: emptyResource(), scopeMetrics: [], schemaUrl: '' };
    const at = { end: reader.enter(end), fields: RESOURCE_METRICS_FIELDS };
    into.resourceMetrics.push(readMessage<Draft<ResourceMetrics>, AttributeReader>(reader, empty, at));
  },
};

const METRIC_FIELDS: FieldReaders<MetricDraft, AttributeReader> = {
  [METRIC.name]: (into, reader, end) => (into.name = reader.hashedText(reader.enter(end)).text),
  [METRIC.description]: (into, reader, end) => (into.description = reader.hashedText(reader.enter(end)).text),
  [METRIC.unit]: (into, reader, end) => (into.unit = reader.hashedText(reader.enter(end)).text),
  [METRIC.metadata]: (into, reader, end) => into.metadata.push(reader.attribute(reader.enter(end))),
  [METRIC.gauge]: (into, reader, end) => {
    const { points } = readData(reader, reader.enter(end), readNumberPoint);
    into.data = { type: 'gauge', points };
  },
  [METRIC.sum]: (into, reader, end) => {
    const { points, temporality, monotonic } = readData(reader, reader.enter(end), readNumberPoint);
    into.data = { type: 'sum', temporality, monotonic, points };
  },
  [METRIC.histogram]: (into, reader, end) => {
    const { points, temporality } = readData(reader, reader.enter(end), readHistogramPoint);
    into.data = { type: 'histogram', temporality, points };
  },
  [METRIC.exponentialHistogram]: (into, reader, end) => {
    const { points, temporality } = readData(reader, reader.enter(end), readExponentialPoint);
    into.data = { type: 'exponentialHistogram', temporality, points };
  },
  [METRIC.summary]: (into, reader, end) => {
    const { points } = readData(reader, reader.enter(end), readSummaryPoint);
    into.data = { type: 'summary', points };
  },
};

/** The types by their tag in `Metric`. */
export const TYPE_OF_TAG: Readonly<Partial<Record<number, MetricType>>> = {
  [METRIC.gauge]: 'gauge',
  [METRIC.sum]: 'sum',
  [METRIC.histogram]: 'histogram',
  [METRIC.exponentialHistogram]: 'exponentialHistogram',
  [METRIC.summary]: 'summary',
};

/** Unknown numbers, which a later protocol may bring, count as unspecified. */
export function temporalityOf(code: number): Temporality {
  if (code === 1) return 'delta';
  return code === 2 ? 'cumulative' : 'unspecified';
}

function emptyResource(): Draft<Resource> {
  return { attributes: [], droppedAttributesCount: 0 };
}

function emptyScope(): Draft<Scope> {
  return { name: '', version: '', attributes: [], droppedAttributesCount: 0 };
}

function readResource(reader: AttributeReader, end: number): Resource {
  return readMessage(reader, emptyResource(), { end, fields: RESOURCE_FIELDS });
}

function readScope(reader: AttributeReader, end: number): Scope {
  return readMessage(reader, emptyScope(), { end, fields: SCOPE_FIELDS });
}

function readMetric(reader: AttributeReader, end: number): Metric {
  const empty: MetricDraft = {
    ...{ name: '', description: '', unit: '', metadata: [] },
    data: { type: 'unset', points: [] },
  };
  const { data, ...description } = readMessage(reader, empty, { end, fields: METRIC_FIELDS });
  return { ...description, ...data };
}

function readData<P>(reader: AttributeReader, end: number, readPoint: PointReader<P>): DataDraft<P> {
  const data: DataDraft<P> = { temporality: 'unspecified', monotonic: false, points: [] };
  reader.element();
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === DATA.points) data.points.push(readPoint(reader, reader.enter(end)));
    else if (tag === DATA.temporality) data.temporality = temporalityOf(reader.varint());
    else if (tag === DATA.monotonic) data.monotonic = reader.varint() !== 0;
    else reader.skip(tag, end);
  }
  reader.leave(end);
  return data;
}
