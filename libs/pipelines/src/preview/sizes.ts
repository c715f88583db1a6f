import {
  encodeMetrics,
  type Attribute,
  type Metric,
  type MetricsData,
  type NumberPoint,
  type ResourceMetrics,
  type ScopeMetrics,
} from '#lib/otlp';

/**
 * Sizes of parts of an OTLP request in bytes, as `encodeMetrics` writes them, without writing them: sums and gauges
 * are added up, whatever is rarer is written and measured. Each is the size of a whole field, its tag and length
 * included; all tags in question take one byte.
 */

const TAG = 1;
const FIXED_64 = 8;

/** A field that holds so many bytes. */
export function fieldSize(length: number): number {
  return TAG + varintSize(length) + length;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** An empty text stays away. */
function textSize(text: string): number {
  return text === '' ? 0 : fieldSize(Buffer.byteLength(text));
}

function countSize(count: number): number {
  return count === 0 ? 0 : TAG + varintSize(count);
}

/** One attribute, as a resource or a point holds it. */
export function attributeSize(attribute: Attribute): number {
  const { key, value } = attribute;
  if (typeof value === 'string')
    return fieldSize(textSize(key) + fieldSize(fieldSize(Buffer.byteLength(value))));
  if (typeof value === 'bigint' && value >= 0n && value < 2n ** 53n)
    return fieldSize(textSize(key) + fieldSize(TAG + varintSize(Number(value))));
  return contentOf(
    encodeMetrics({
      resourceMetrics: [
        { resource: { attributes: [attribute], droppedAttributesCount: 0 }, scopeMetrics: [], schemaUrl: '' },
      ],
    }).length,
    2,
  );
}

/** The metrics of one scope; `ofAttribute` may remember sizes. */
export function scopeSize(
  { metrics, schemaUrl, scope }: ScopeMetrics,
  ofAttribute: (attribute: Attribute) => number,
): number {
  const { attributes, droppedAttributesCount, name, version } = scope;
  const head = textSize(name) + textSize(version) + sumOf(attributes, ofAttribute);
  return fieldSize(
    fieldSize(head + countSize(droppedAttributesCount)) +
      sumOf(metrics, (metric) => metricSize(metric, ofAttribute)) +
      textSize(schemaUrl),
  );
}

function metricSize(metric: Metric, ofAttribute: (attribute: Attribute) => number): number {
  if (metric.type !== 'sum' && metric.type !== 'gauge') return writtenSize(metric);
  const { description, metadata, name, points, unit } = metric;
  const isPlain = metadata.length === 0 && points.every(({ exemplars }) => exemplars.length === 0);
  if (!isPlain) return writtenSize(metric);
  const ofPoints = sumOf(points, (point) => pointSize(point, ofAttribute));
  const temporality = metric.type === 'sum' && metric.temporality !== 'unspecified' ? 2 : 0;
  const monotonic = metric.type === 'sum' && metric.monotonic ? 2 : 0;
  const data = fieldSize(ofPoints + temporality + monotonic);
  return fieldSize(textSize(name) + textSize(description) + textSize(unit) + data);
}

function pointSize(point: NumberPoint, ofAttribute: (attribute: Attribute) => number): number {
  const { attributes, flags, startTimeUnixNano, timeUnixNano, value } = point;
  const fixed = Number(startTimeUnixNano !== 0n) + Number(timeUnixNano !== 0n) + Number(value !== null);
  return fieldSize(fixed * (TAG + FIXED_64) + countSize(flags) + sumOf(attributes, ofAttribute));
}

/** One resource with everything of it; the size of its scopes is known. */
export function resourceSize(
  { resource, schemaUrl }: Pick<ResourceMetrics, 'resource' | 'schemaUrl'>,
  ofScopes: number,
  ofAttributes: number,
): number {
  const head = ofAttributes + countSize(resource.droppedAttributesCount);
  return fieldSize(fieldSize(head) + ofScopes + textSize(schemaUrl));
}

/** The metric in an otherwise empty request, which takes two bytes for the empty resource and scope each. */
function writtenSize(metric: Metric): number {
  const scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };
  const request: MetricsData = {
    resourceMetrics: [
      {
        resource: { attributes: [], droppedAttributesCount: 0 },
        scopeMetrics: [{ scope, metrics: [metric], schemaUrl: '' }],
        schemaUrl: '',
      },
    ],
  };
  const EMPTY = 2;
  return contentOf(contentOf(encodeMetrics(request).length, 1) - EMPTY, 1) - EMPTY;
}

/** How many bytes a field of this size holds, so many levels deep. */
function contentOf(size: number, levels: number): number {
  let content = size;
  for (let level = 0; level < levels; level++) {
    let head = TAG + 1;
    while (fieldSize(content - head) > content) head++;
    content -= head;
  }
  return content;
}

function sumOf<T>(items: readonly T[], size: (item: T) => number): number {
  let sum = 0;
  for (const item of items) sum += size(item);
  return sum;
}
