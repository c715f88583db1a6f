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

/** Sizes of text fields; the names, units and descriptions of metrics are few. */
export class TextSizes {
  private readonly known = new Map<string, number>();

  of(text: string): number {
    const found = this.known.get(text);
    if (found !== undefined) return found;
    if (this.known.size >= MOST_TEXTS) this.known.clear();
    const size = textSize(text);
    this.known.set(text, size);
    return size;
  }
}

const MOST_TEXTS = 10_000;

/** What is known of a scope before: the size of its attributes, and the attributes of all points in their order. */
type Known = {
  readonly texts: TextSizes;
  readonly ofAttributes: number;
  readonly sets: readonly { readonly bytes: number }[];
};

/** The metrics of one scope. */
export function scopeSize({ metrics, schemaUrl, scope }: ScopeMetrics, known: Known): number {
  const { ofAttributes, sets, texts } = known;
  const { droppedAttributesCount, name, version } = scope;
  const head = texts.of(name) + texts.of(version) + ofAttributes;
  let ofMetrics = 0;
  let at = 0;
  for (const metric of metrics) {
    ofMetrics += isPlain(metric)
      ? plainSize(metric, pointsSize(metric, sets, at), texts)
      : writtenSize(metric);
    at += metric.points.length;
  }
  return fieldSize(fieldSize(head + countSize(droppedAttributesCount)) + ofMetrics + texts.of(schemaUrl));
}

type NumberMetric = Extract<Metric, { type: 'sum' | 'gauge' }>;

function isPlain(metric: Metric): metric is NumberMetric {
  if (metric.type !== 'sum' && metric.type !== 'gauge') return false;
  if (metric.metadata.length > 0) return false;
  for (const { exemplars } of metric.points) if (exemplars.length > 0) return false;
  return true;
}

function plainSize(metric: NumberMetric, ofPoints: number, texts: TextSizes): number {
  const { description, name, unit } = metric;
  const temporality = metric.type === 'sum' && metric.temporality !== 'unspecified' ? 2 : 0;
  const monotonic = metric.type === 'sum' && metric.monotonic ? 2 : 0;
  const data = fieldSize(ofPoints + temporality + monotonic);
  return fieldSize(texts.of(name) + texts.of(description) + texts.of(unit) + data);
}

/** The attributes of the first point are those at `from`. */
function pointsSize({ points }: NumberMetric, sets: Known['sets'], from: number): number {
  let size = 0;
  let at = from;
  for (const point of points) size += pointSize(point, sets[at++]?.bytes ?? 0);
  return size;
}

function pointSize(
  { flags, startTimeUnixNano, timeUnixNano, value }: NumberPoint,
  ofAttributes: number,
): number {
  const fixed = Number(startTimeUnixNano !== 0n) + Number(timeUnixNano !== 0n) + Number(value !== null);
  return fieldSize(fixed * (TAG + FIXED_64) + countSize(flags) + ofAttributes);
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
