import { DATA, METRIC, REQUEST, RESOURCE, RESOURCE_METRICS, SCOPE, SCOPE_METRICS } from './fields.js';
import type {
  Metric,
  MetricPoints,
  MetricsData,
  ResourceMetrics,
  ScopeMetrics,
  Temporality,
} from './model.js';
import { writeAttributes } from './write-attributes.js';
import {
  writeExponentialPoint,
  writeHistogramPoint,
  writeNumberPoint,
  writeSummaryPoint,
} from './write-points.js';
import { WireWriter } from './wire-writer.js';

/** Encodes the model as an uncompressed `ExportMetricsServiceRequest`. */
export function encodeMetrics(data: MetricsData): Uint8Array {
  const writer = new WireWriter();
  for (const resourceMetrics of data.resourceMetrics) {
    writer.message(REQUEST.resourceMetrics, () => writeResourceMetrics(writer, resourceMetrics));
  }
  return writer.finish();
}

function writeResourceMetrics(
  writer: WireWriter,
  { resource, scopeMetrics, schemaUrl }: ResourceMetrics,
): void {
  writer.message(RESOURCE_METRICS.resource, () => {
    writeAttributes(writer, RESOURCE.attributes, resource.attributes);
    writeCount(writer, RESOURCE.droppedAttributesCount, resource.droppedAttributesCount);
  });
  for (const one of scopeMetrics) {
    writer.message(RESOURCE_METRICS.scopeMetrics, () => writeScopeMetrics(writer, one));
  }
  writer.text(RESOURCE_METRICS.schemaUrl, schemaUrl);
}

function writeScopeMetrics(writer: WireWriter, { scope, metrics, schemaUrl }: ScopeMetrics): void {
  writer.message(SCOPE_METRICS.scope, () => {
    writer.text(SCOPE.name, scope.name);
    writer.text(SCOPE.version, scope.version);
    writeAttributes(writer, SCOPE.attributes, scope.attributes);
    writeCount(writer, SCOPE.droppedAttributesCount, scope.droppedAttributesCount);
  });
  for (const metric of metrics) writer.message(SCOPE_METRICS.metrics, () => writeMetric(writer, metric));
  writer.text(SCOPE_METRICS.schemaUrl, schemaUrl);
}

function writeMetric(writer: WireWriter, metric: Metric): void {
  writer.text(METRIC.name, metric.name);
  writer.text(METRIC.description, metric.description);
  writer.text(METRIC.unit, metric.unit);
  if (metric.type !== 'unset') writer.message(METRIC[metric.type], () => writeData(writer, metric));
  writeAttributes(writer, METRIC.metadata, metric.metadata);
}

function writeData(writer: WireWriter, data: Exclude<MetricPoints, { type: 'unset' }>): void {
  switch (data.type) {
    case 'gauge':
      writePoints(writer, data.points, writeNumberPoint);
      return;
    case 'sum':
      writePoints(writer, data.points, writeNumberPoint);
      writeTemporality(writer, data.temporality);
      writeCount(writer, DATA.monotonic, Number(data.monotonic));
      return;
    case 'histogram':
      writePoints(writer, data.points, writeHistogramPoint);
      writeTemporality(writer, data.temporality);
      return;
    case 'exponentialHistogram':
      writePoints(writer, data.points, writeExponentialPoint);
      writeTemporality(writer, data.temporality);
      return;
    case 'summary':
      writePoints(writer, data.points, writeSummaryPoint);
  }
}

function writePoints<P>(
  writer: WireWriter,
  points: readonly P[],
  write: (writer: WireWriter, point: P) => void,
): void {
  for (const point of points) writer.message(DATA.points, () => write(writer, point));
}

const TEMPORALITY_CODE: Readonly<Record<Temporality, number>> = { unspecified: 0, delta: 1, cumulative: 2 };

function writeTemporality(writer: WireWriter, temporality: Temporality): void {
  writeCount(writer, DATA.temporality, TEMPORALITY_CODE[temporality]);
}

/** Zero is the default on the wire and stays away. */
function writeCount(writer: WireWriter, tag: number, count: number): void {
  if (count !== 0) writer.varint(tag).varint(count);
}
