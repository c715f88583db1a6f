import {
  BUCKETS,
  EXEMPLAR,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  NUMBER_POINT,
  QUANTILE,
  SUMMARY_POINT,
} from './fields.js';
import type {
  Exemplar,
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  SummaryPoint,
} from './model.js';
import type { WireWriter } from './wire-writer.js';
import { writeAttributes } from './write-attributes.js';

type AnyPoint = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint;
type Tags = {
  readonly attributes: number;
  readonly start: number;
  readonly time: number;
  readonly flags: number;
};
type ValueTags = { readonly asDouble: number; readonly asInt: number };

function writeBase(writer: WireWriter, tags: Tags, point: AnyPoint): void {
  writeAttributes(writer, tags.attributes, point.attributes);
  if (point.startTimeUnixNano !== 0n) writer.varint(tags.start).fixed64Exact(point.startTimeUnixNano);
  if (point.timeUnixNano !== 0n) writer.varint(tags.time).fixed64Exact(point.timeUnixNano);
  if (point.flags !== 0) writer.varint(tags.flags).varint(point.flags);
}

function writeValue(writer: WireWriter, tags: ValueTags, value: number | bigint | null): void {
  if (typeof value === 'bigint') writer.varint(tags.asInt).fixed64Exact(BigInt.asUintN(64, value));
  if (typeof value === 'number') writer.varint(tags.asDouble).double(value);
}

function writeDouble(writer: WireWriter, tag: number, value: number | null): void {
  if (value !== null) writer.varint(tag).double(value);
}

function writeExemplars(writer: WireWriter, tag: number, exemplars: readonly Exemplar[]): void {
  for (const exemplar of exemplars) {
    writer.message(tag, () => {
      writeAttributes(writer, EXEMPLAR.filteredAttributes, exemplar.filteredAttributes);
      if (exemplar.timeUnixNano !== 0n) writer.varint(EXEMPLAR.time).fixed64Exact(exemplar.timeUnixNano);
      writeValue(writer, EXEMPLAR, exemplar.value);
      if (exemplar.spanId.length > 0) writer.blob(EXEMPLAR.spanId, exemplar.spanId);
      if (exemplar.traceId.length > 0) writer.blob(EXEMPLAR.traceId, exemplar.traceId);
    });
  }
}

function writePacked(
  writer: WireWriter,
  tag: number,
  values: readonly number[],
  write: (value: number) => void,
): void {
  if (values.length > 0) writer.message(tag, () => values.forEach(write));
}

export function writeNumberPoint(writer: WireWriter, point: NumberPoint): void {
  writeBase(writer, NUMBER_POINT, point);
  writeValue(writer, NUMBER_POINT, point.value);
  writeExemplars(writer, NUMBER_POINT.exemplars, point.exemplars);
}

export function writeHistogramPoint(writer: WireWriter, point: HistogramPoint): void {
  writeBase(writer, HISTOGRAM_POINT, point);
  writer.varint(HISTOGRAM_POINT.count).fixed64(point.count);
  writeDouble(writer, HISTOGRAM_POINT.sum, point.sum);
  writeDouble(writer, HISTOGRAM_POINT.min, point.min);
  writeDouble(writer, HISTOGRAM_POINT.max, point.max);
  writePacked(writer, HISTOGRAM_POINT.bucketCounts, point.bucketCounts, (count) => writer.fixed64(count));
  writePacked(writer, HISTOGRAM_POINT.explicitBounds, point.explicitBounds, (bound) => writer.double(bound));
  writeExemplars(writer, HISTOGRAM_POINT.exemplars, point.exemplars);
}

export function writeExponentialPoint(writer: WireWriter, point: ExponentialHistogramPoint): void {
  writeBase(writer, EXPONENTIAL_POINT, point);
  writer.varint(EXPONENTIAL_POINT.count).fixed64(point.count);
  writeDouble(writer, EXPONENTIAL_POINT.sum, point.sum);
  writeDouble(writer, EXPONENTIAL_POINT.min, point.min);
  writeDouble(writer, EXPONENTIAL_POINT.max, point.max);
  writer.varint(EXPONENTIAL_POINT.scale).sint32(point.scale);
  writer.varint(EXPONENTIAL_POINT.zeroCount).fixed64(point.zeroCount);
  writeDouble(writer, EXPONENTIAL_POINT.zeroThreshold, point.zeroThreshold);
  writeBuckets(writer, EXPONENTIAL_POINT.positive, point.positive);
  writeBuckets(writer, EXPONENTIAL_POINT.negative, point.negative);
  writeExemplars(writer, EXPONENTIAL_POINT.exemplars, point.exemplars);
}

function writeBuckets(writer: WireWriter, tag: number, { offset, bucketCounts }: ExponentialBuckets): void {
  if (offset === 0 && bucketCounts.length === 0) return;
  writer.message(tag, () => {
    writer.varint(BUCKETS.offset).sint32(offset);
    writePacked(writer, BUCKETS.bucketCounts, bucketCounts, (count) => writer.varint(count));
  });
}

export function writeSummaryPoint(writer: WireWriter, point: SummaryPoint): void {
  writeBase(writer, SUMMARY_POINT, point);
  writer.varint(SUMMARY_POINT.count).fixed64(point.count);
  writer.varint(SUMMARY_POINT.sum).double(point.sum);
  for (const { quantile, value } of point.quantiles) {
    writer.message(SUMMARY_POINT.quantiles, () =>
      writer.varint(QUANTILE.quantile).double(quantile).varint(QUANTILE.value).double(value),
    );
  }
}
