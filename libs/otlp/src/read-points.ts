import type { AttributeReader } from './attribute-reader.js';
import {
  BUCKETS,
  EXEMPLAR,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  NUMBER_POINT,
  QUANTILE,
  SUMMARY_POINT,
} from './fields.js';
import { readMessage, type Draft, type FieldReaders } from './message.js';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  SummaryPoint,
} from './model.js';

type Fields<T> = FieldReaders<Draft<T>, AttributeReader>;

const NO_BYTES = new Uint8Array(0);
const base = () => ({ attributes: [], startTimeUnixNano: 0n, timeUnixNano: 0n, flags: 0 });
const moments = () => ({ count: 0, sum: null, min: null, max: null });

const EXEMPLAR_FIELDS: Fields<Exemplar> = {
  [EXEMPLAR.time]: (into, reader) => (into.timeUnixNano = reader.fixed64Exact()),
  [EXEMPLAR.asDouble]: (into, reader) => (into.value = reader.double()),
  [EXEMPLAR.asInt]: (into, reader) => (into.value = reader.sfixed64Exact()),
  [EXEMPLAR.spanId]: (into, reader, end) => (into.spanId = reader.slice(reader.enter(end))),
  [EXEMPLAR.traceId]: (into, reader, end) => (into.traceId = reader.slice(reader.enter(end))),
  [EXEMPLAR.filteredAttributes]: (into, reader, end) =>
    into.filteredAttributes.push(reader.attribute(reader.enter(end))),
};

function readExemplar(reader: AttributeReader, end: number): Exemplar {
  const empty = {
    filteredAttributes: [],
    timeUnixNano: 0n,
    value: null,
    spanId: NO_BYTES,
    traceId: NO_BYTES,
  };
  return readMessage<Draft<Exemplar>, AttributeReader>(reader, empty, { end, fields: EXEMPLAR_FIELDS });
}

const NUMBER_FIELDS: Fields<NumberPoint> = {
  [NUMBER_POINT.start]: (into, reader) => (into.startTimeUnixNano = reader.fixed64Exact()),
  [NUMBER_POINT.time]: (into, reader) => (into.timeUnixNano = reader.fixed64Exact()),
  [NUMBER_POINT.asDouble]: (into, reader) => (into.value = reader.double()),
  [NUMBER_POINT.asInt]: (into, reader) => (into.value = reader.sfixed64Exact()),
  [NUMBER_POINT.exemplars]: (into, reader, end) =>
    into.exemplars.push(readExemplar(reader, reader.enter(end))),
  [NUMBER_POINT.attributes]: (into, reader, end) => into.attributes.push(reader.attribute(reader.enter(end))),
  [NUMBER_POINT.flags]: (into, reader) => (into.flags = reader.varint() >>> 0),
};

export function readNumberPoint(reader: AttributeReader, end: number): NumberPoint {
  const empty = { ...base(), value: null, exemplars: [] };
  return readMessage<Draft<NumberPoint>, AttributeReader>(reader, empty, { end, fields: NUMBER_FIELDS });
}

// Repeated numbers arrive packed or one by one; protobuf wants both accepted.
const HISTOGRAM_FIELDS: Fields<HistogramPoint> = {
  [HISTOGRAM_POINT.start]: (into, reader) => (into.startTimeUnixNano = reader.fixed64Exact()),
  [HISTOGRAM_POINT.time]: (into, reader) => (into.timeUnixNano = reader.fixed64Exact()),
  [HISTOGRAM_POINT.count]: (into, reader) => (into.count = reader.fixed64()),
  [HISTOGRAM_POINT.sum]: (into, reader) => (into.sum = reader.double()),
  [HISTOGRAM_POINT.bucketCount]: (into, reader) => into.bucketCounts.push(reader.fixed64()),
  [HISTOGRAM_POINT.bucketCounts]: (into, reader, end) =>
    packed(reader, end, () => into.bucketCounts.push(reader.fixed64())),
  [HISTOGRAM_POINT.explicitBound]: (into, reader) => into.explicitBounds.push(reader.double()),
  [HISTOGRAM_POINT.explicitBounds]: (into, reader, end) =>
    packed(reader, end, () => into.explicitBounds.push(reader.double())),
  [HISTOGRAM_POINT.exemplars]: (into, reader, end) =>
    into.exemplars.push(readExemplar(reader, reader.enter(end))),
  [HISTOGRAM_POINT.attributes]: (into, reader, end) =>
    into.attributes.push(reader.attribute(reader.enter(end))),
  [HISTOGRAM_POINT.flags]: (into, reader) => (into.flags = reader.varint() >>> 0),
  [HISTOGRAM_POINT.min]: (into, reader) => (into.min = reader.double()),
  [HISTOGRAM_POINT.max]: (into, reader) => (into.max = reader.double()),
};

export function readHistogramPoint(reader: AttributeReader, end: number): HistogramPoint {
  const empty = { ...base(), ...moments(), bucketCounts: [], explicitBounds: [], exemplars: [] };
  return readMessage<Draft<HistogramPoint>, AttributeReader>(reader, empty, {
    end,
    fields: HISTOGRAM_FIELDS,
  });
}

const BUCKET_FIELDS: Fields<ExponentialBuckets> = {
  [BUCKETS.offset]: (into, reader) => (into.offset = reader.sint32()),
  [BUCKETS.bucketCount]: (into, reader) => into.bucketCounts.push(reader.varint()),
  [BUCKETS.bucketCounts]: (into, reader, end) =>
    packed(reader, end, () => into.bucketCounts.push(reader.varint())),
};

function readBuckets(reader: AttributeReader, end: number): ExponentialBuckets {
  const empty = { offset: 0, bucketCounts: [] };
  return readMessage<Draft<ExponentialBuckets>, AttributeReader>(reader, empty, {
    end,
    fields: BUCKET_FIELDS,
  });
}

const EXPONENTIAL_FIELDS: Fields<ExponentialHistogramPoint> = {
  [EXPONENTIAL_POINT.attributes]: (into, reader, end) =>
    into.attributes.push(reader.attribute(reader.enter(end))),
  [EXPONENTIAL_POINT.start]: (into, reader) => (into.startTimeUnixNano = reader.fixed64Exact()),
  [EXPONENTIAL_POINT.time]: (into, reader) => (into.timeUnixNano = reader.fixed64Exact()),
  [EXPONENTIAL_POINT.count]: (into, reader) => (into.count = reader.fixed64()),
  [EXPONENTIAL_POINT.sum]: (into, reader) => (into.sum = reader.double()),
  [EXPONENTIAL_POINT.scale]: (into, reader) => (into.scale = reader.sint32()),
  [EXPONENTIAL_POINT.zeroCount]: (into, reader) => (into.zeroCount = reader.fixed64()),
  [EXPONENTIAL_POINT.positive]: (into, reader, end) =>
    (into.positive = readBuckets(reader, reader.enter(end))),
  [EXPONENTIAL_POINT.negative]: (into, reader, end) =>
    (into.negative = readBuckets(reader, reader.enter(end))),
  [EXPONENTIAL_POINT.flags]: (into, reader) => (into.flags = reader.varint() >>> 0),
  [EXPONENTIAL_POINT.exemplars]: (into, reader, end) =>
    into.exemplars.push(readExemplar(reader, reader.enter(end))),
  [EXPONENTIAL_POINT.min]: (into, reader) => (into.min = reader.double()),
  [EXPONENTIAL_POINT.max]: (into, reader) => (into.max = reader.double()),
  [EXPONENTIAL_POINT.zeroThreshold]: (into, reader) => (into.zeroThreshold = reader.double()),
};

export function readExponentialPoint(reader: AttributeReader, end: number): ExponentialHistogramPoint {
  const empty = {
    ...base(),
    ...moments(),
    ...{ scale: 0, zeroCount: 0, zeroThreshold: 0, exemplars: [] },
    positive: { offset: 0, bucketCounts: [] },
    negative: { offset: 0, bucketCounts: [] },
  };
  const fields = EXPONENTIAL_FIELDS;
  return readMessage<Draft<ExponentialHistogramPoint>, AttributeReader>(reader, empty, { end, fields });
}

const QUANTILE_FIELDS: Fields<SummaryPoint['quantiles'][number]> = {
  [QUANTILE.quantile]: (into, reader) => (into.quantile = reader.double()),
  [QUANTILE.value]: (into, reader) => (into.value = reader.double()),
};

const SUMMARY_FIELDS: Fields<SummaryPoint> = {
  [SUMMARY_POINT.start]: (into, reader) => (into.startTimeUnixNano = reader.fixed64Exact()),
  [SUMMARY_POINT.time]: (into, reader) => (into.timeUnixNano = reader.fixed64Exact()),
  [SUMMARY_POINT.count]: (into, reader) => (into.count = reader.fixed64()),
  [SUMMARY_POINT.sum]: (into, reader) => (into.sum = reader.double()),
  [SUMMARY_POINT.quantiles]: (into, reader, end) =>
    into.quantiles.push(
      readMessage(reader, { quantile: 0, value: 0 }, { end: reader.enter(end), fields: QUANTILE_FIELDS }),
    ),
  [SUMMARY_POINT.attributes]: (into, reader, end) =>
    into.attributes.push(reader.attribute(reader.enter(end))),
  [SUMMARY_POINT.flags]: (into, reader) => (into.flags = reader.varint() >>> 0),
};

export function readSummaryPoint(reader: AttributeReader, end: number): SummaryPoint {
  const empty = { ...base(), count: 0, sum: 0, quantiles: [] };
  return readMessage<Draft<SummaryPoint>, AttributeReader>(reader, empty, { end, fields: SUMMARY_FIELDS });
}

function packed(reader: AttributeReader, end: number, readOne: () => void): void {
  const last = reader.enter(end);
  while (reader.position < last) readOne();
  reader.leave(last);
}
