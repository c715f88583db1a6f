import { AttributeReader, type HashedAttribute, type HashedText } from './attribute-reader.js';
import { temporalityOf, TYPE_OF_TAG } from './decode.js';
import {
  DATA,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  NUMBER_POINT,
  REQUEST,
  RESOURCE,
  RESOURCE_METRICS,
  SCOPE,
  SCOPE_METRICS,
  SUMMARY_POINT,
} from './fields.js';
import { Hasher, type Hash64 } from './hash.js';
import { absorbSeries, hashScope, hashSet, hashStream, hashText, type StreamShape } from './identity.js';
import type { MetricType } from './model.js';

/** The metric that the following points belong to. */
export type MetricInfo = StreamShape & { readonly name: string };

/** One data point. The object and its array are reused: take what you need before returning. */
export interface PointView {
  /** The series identity (`seriesIdentityVersion`), as two unsigned 32-bit halves. */
  readonly lo: number;
  readonly hi: number;
  readonly attributes: readonly HashedAttribute[];
  /** Milliseconds since the epoch, 0 where it was not sent. */
  readonly startTimeMs: number;
  readonly timeMs: number;
  /** The value of a gauge or sum point, `NaN` where there is none. */
  readonly value: number;
}

/** Hears of every point in the order of the bytes, after its resource and its metric. */
export interface MetricsVisitor {
  resource(attributes: readonly HashedAttribute[]): void;
  metric(metric: MetricInfo): void;
  point(point: PointView): void;
}

type PointLayout = { readonly attributes: number; readonly asDouble: number; readonly asInt: number };

// The types differ in where attributes stand; 0 is no tag, so only number points have a value.
const NUMBER_LAYOUT: PointLayout = NUMBER_POINT;
const LAYOUT: Readonly<Record<MetricType, PointLayout>> = {
  unset: NUMBER_LAYOUT,
  gauge: NUMBER_LAYOUT,
  sum: NUMBER_LAYOUT,
  histogram: { attributes: HISTOGRAM_POINT.attributes, asDouble: 0, asInt: 0 },
  exponentialHistogram: { attributes: EXPONENTIAL_POINT.attributes, asDouble: 0, asInt: 0 },
  summary: { attributes: SUMMARY_POINT.attributes, asDouble: 0, asInt: 0 },
};

const EMPTY_TEXT: HashedText = { text: '', ...hashText('') };
const NO_BYTES = new Uint8Array(0);
const NANOS_PER_MS = 1e6;

class ReusedPoint implements PointView {
  lo = 0;
  hi = 0;
  attributes: HashedAttribute[] = [];
  startTimeMs = 0;
  timeMs = 0;
  value = NaN;
}

/**
 * Reads requests point by point without building the model: nothing is allocated per point, and attributes that
 * were seen before are neither decoded nor hashed again. One instance serves one stream of requests and keeps
 * its memory of attributes between them (bounded, see `limits.ts`).
 *
 * A level is passed over twice where its head may follow its children (`Sum` sends its temporality last).
 */
export class MetricsReader {
  private readonly reader = new AttributeReader();
  private readonly hasher = new Hasher();
  private readonly view = new ReusedPoint();

  /**
   * Reads one uncompressed `ExportMetricsServiceRequest`. Throws `OtlpDecodeError`;
   * the visitor has then already heard of everything before the fault.
   */
  read(bytes: Uint8Array, visitor: MetricsVisitor): void {
    const reader = this.reader;
    try {
      reader.reset(bytes);
      this.each(REQUEST.resourceMetrics, bytes.length, (end) => this.resourceMetrics(end, visitor));
    } finally {
      reader.reset(NO_BYTES);
    }
  }

  /** Calls `read` with the end of each child under `wanted`, and skips the others. */
  private each(wanted: number, end: number, read: (end: number) => void): void {
    const reader = this.reader;
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === wanted) read(reader.enter(end));
      else reader.skip(tag, end);
    }
    reader.leave(end);
  }

  private resourceMetrics(end: number, visitor: MetricsVisitor): void {
    const start = this.reader.position;
    const attributes: HashedAttribute[] = [];
    this.each(RESOURCE_METRICS.resource, end, (at) => {
      attributes.length = 0;
      this.each(RESOURCE.attributes, at, (last) => attributes.push(this.reader.hashedAttribute(last)));
    });
    visitor.resource(attributes);
    const resource = hashSet(attributes);
    this.reader.position = start;
    this.each(RESOURCE_METRICS.scopeMetrics, end, (at) => this.scopeMetrics(at, resource, visitor));
  }

  private scopeMetrics(end: number, resource: Hash64, visitor: MetricsVisitor): void {
    const start = this.reader.position;
    let scope = hashScope(EMPTY_TEXT, EMPTY_TEXT, hashSet([]));
    this.each(SCOPE_METRICS.scope, end, (at) => (scope = this.scope(at)));
    this.reader.position = start;
    const owner = { resource, scope };
    this.each(SCOPE_METRICS.metrics, end, (at) => this.metric(at, owner, visitor));
  }

  private scope(end: number): Hash64 {
    const reader = this.reader;
    let name = EMPTY_TEXT;
    let version = EMPTY_TEXT;
    const attributes: HashedAttribute[] = [];
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === SCOPE.name) name = reader.hashedText(reader.enter(end));
      else if (tag === SCOPE.version) version = reader.hashedText(reader.enter(end));
      else if (tag === SCOPE.attributes) attributes.push(reader.hashedAttribute(reader.enter(end)));
      else reader.skip(tag, end);
    }
    reader.leave(end);
    return hashScope(name, version, hashSet(attributes));
  }

  private metric(end: number, owner: { resource: Hash64; scope: Hash64 }, visitor: MetricsVisitor): void {
    const reader = this.reader;
    let name = EMPTY_TEXT;
    let type: MetricType = 'unset';
    let dataStart = 0;
    let dataEnd = 0;
    while (reader.position < end) {
      const tag = reader.tag();
      const typeOfTag = TYPE_OF_TAG[tag];
      if (tag === METRIC.name) name = reader.hashedText(reader.enter(end));
      else if (typeOfTag !== undefined) {
        // Of several data fields the last one counts, as in any protobuf `oneof`.
        type = typeOfTag;
        dataEnd = reader.enter(end);
        dataStart = reader.position;
        reader.position = dataEnd;
      } else reader.skip(tag, end);
    }
    reader.leave(end);
    if (type === 'unset') return;
    reader.position = dataStart;
    const metric = { name: name.text, type, ...this.aggregation(type, dataEnd) };
    visitor.metric(metric);
    reader.position = dataStart;
    this.points(dataEnd, hashStream(owner.resource, owner.scope, name, metric), LAYOUT[type], visitor);
    reader.position = end;
  }

  private aggregation(type: MetricType, end: number): Omit<StreamShape, 'type'> {
    const reader = this.reader;
    let temporality = 0;
    let monotonic = false;
    const hasTemporality = type !== 'gauge' && type !== 'summary';
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === DATA.temporality && hasTemporality) temporality = reader.varint();
      else if (tag === DATA.monotonic && type === 'sum') monotonic = reader.varint() !== 0;
      else reader.skip(tag, end);
    }
    reader.leave(end);
    return { temporality: temporalityOf(temporality), monotonic };
  }

  private points(end: number, stream: Hash64, layout: PointLayout, visitor: MetricsVisitor): void {
    const reader = this.reader;
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === DATA.points) {
        this.point(reader.enter(end), stream, layout);
        visitor.point(this.view);
      } else reader.skip(tag, end);
    }
  }

  private point(end: number, stream: Hash64, layout: PointLayout): void {
    const { reader, view, hasher } = this;
    view.startTimeMs = 0;
    view.timeMs = 0;
    view.value = NaN;
    let count = 0;
    let lo = 0;
    let hi = 0;
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag === layout.attributes) {
        const attribute = reader.hashedAttribute(reader.enter(end));
        view.attributes[count++] = attribute;
        lo = (lo + attribute.lo) | 0;
        hi = (hi + attribute.hi) | 0;
      } else if (tag === NUMBER_POINT.start) view.startTimeMs = reader.fixed64() / NANOS_PER_MS;
      else if (tag === NUMBER_POINT.time) view.timeMs = reader.fixed64() / NANOS_PER_MS;
      else if (tag === layout.asDouble) view.value = reader.double();
      else if (tag === layout.asInt) view.value = reader.sfixed64();
      else reader.skip(tag, end);
    }
    reader.leave(end);
    if (view.attributes.length > count) view.attributes.length = count;
    absorbSeries(hasher, stream, { lo, hi }, count);
    view.lo = hasher.low;
    view.hi = hasher.high;
  }
}
