import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { MeteringError } from './errors.js';
import { HyperLogLog } from './hyperloglog.js';
import {
  ATTRIBUTE_PRECISION,
  SERIES_PRECISION,
  MAX_INFLATED_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_NAME_LENGTH,
} from './limits.js';
import type { NamedCount, WindowMessage } from './model.js';

/** The first byte of every message. A changed meaning is a new number; golden samples keep the old ones readable. */
const VERSION = 1;

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const name = z.string().max(MAX_NAME_LENGTH);
const id = z.string().min(1).max(256);
const variant = z.enum(['baseline', 'candidate']);
const seriesCount = z.strictObject({ value: count, exact: z.boolean() });
const lostNames = z.array(z.strictObject({ name, series: count }));

/** Named counts as columns over the message's one list of names: variants repeat each other, so it deflates well. */
const columns = z.strictObject({ points: z.array(count), series: z.array(count) });

const collector = z.strictObject({
  variant,
  instance: id,
  configHash: id,
  coveredFrom: count,
  coveredTo: count,
  points: count,
  bytes: count,
  wireBytes: count,
  requests: count,
  malformed: count,
  activeSeries: seriesCount,
  metrics: columns,
  executables: columns,
  hostPoints: count,
  freshness: z.strictObject({ p50Ms: z.int(), maxMs: z.int() }).nullable(),
  use: z.strictObject({ cpuSeconds: amount, rssBytes: amount, refused: count, failed: count }).nullable(),
});

/** Checked here, so that a block can be merged from whatever was decoded. */
const sketch = (precision: number) => z.string().refine((text) => HyperLogLog.isText(text, precision));

const minute = z.strictObject({
  start: count,
  variants: z.array(
    z.strictObject({
      variant,
      coveredSeconds: amount,
      series: seriesCount,
      sketch: sketch(SERIES_PRECISION),
      attributes: z.array(z.strictObject({ key: name, sketch: sketch(ATTRIBUTE_PRECISION) })),
    }),
  ),
  difference: z
    .strictObject({
      lost: seriesCount,
      gained: seriesCount,
      lostExecutables: lostNames,
      lostMetrics: lostNames,
    })
    .nullable(),
});

const wireMessage = z.strictObject({
  host: id,
  start: count,
  seconds: z.number().positive(),
  closedAt: count,
  clockOffsetMs: z.number().nullable(),
  identityVersion: count,
  metricNames: z.array(name),
  executableNames: z.array(name),
  /** Columns over `executableNames`, `null` where nothing is known of one. */
  weights: z.strictObject({ cpu: z.array(amount.nullable()), rssBytes: z.array(amount.nullable()) }),
  collectors: z.array(collector),
  minute: minute.nullable(),
});
type WireMessage = z.infer<typeof wireMessage>;

/** The message as bytes: version, then deflated JSON in columns. Typically 1 to 2 KiB without sketches. */
export function encodeWindowMessage(message: WindowMessage): Uint8Array {
  const metricNames = namesOf(message.collectors.map((one) => one.metrics));
  const executableNames = namesOf(message.collectors.map((one) => one.executables));
  const weight = new Map(message.weights.map((one) => [one.name, one]));
  const wire: WireMessage = {
    ...message,
    ...{ metricNames, executableNames },
    weights: {
      cpu: executableNames.map((each) => weight.get(each)?.cpu ?? null),
      rssBytes: executableNames.map((each) => weight.get(each)?.rssBytes ?? null),
    },
    collectors: message.collectors.map((one) => ({
      ...one,
      metrics: toColumns(one.metrics, metricNames),
      executables: toColumns(one.executables, executableNames),
    })),
    minute: message.minute as WireMessage['minute'],
  };
  const body = deflateRawSync(JSON.stringify(wire), { level: 9 });
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = VERSION;
  bytes.set(body, 1);
  return bytes;
}

/** Reads `encodeWindowMessage`. Throws `MeteringError` `bad-message` or `unsupported-version`; bounded. */
export function decodeWindowMessage(bytes: Uint8Array): WindowMessage {
  if (bytes.length === 0 || bytes.length > MAX_MESSAGE_BYTES) throw new MeteringError('bad-message', 'size');
  const version = bytes[0] as number;
  if (version !== VERSION) throw new MeteringError('unsupported-version', String(version));
  const { metricNames, executableNames, weights, collectors, ...rest } = parse(bytes.subarray(1));
  return {
    ...rest,
    weights: executableNames.flatMap((each, i) => {
      const cpu = weights.cpu[i];
      const rssBytes = weights.rssBytes[i];
      return typeof cpu === 'number' && typeof rssBytes === 'number' ? [{ name: each, cpu, rssBytes }] : [];
    }),
    collectors: collectors.map((one) => ({
      ...one,
      metrics: fromColumns(one.metrics, metricNames),
      executables: fromColumns(one.executables, executableNames),
    })),
  };
}

function parse(body: Uint8Array): WireMessage {
  try {
    const json = inflateRawSync(body, { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8');
    return wireMessage.parse(JSON.parse(json));
  } catch (error) {
    throw new MeteringError('bad-message', error instanceof Error ? error.name : 'unreadable');
  }
}

/** All names, sorted: so are the lists, and neighbours with equal beginnings deflate well. */
function namesOf(lists: readonly (readonly NamedCount[])[]): string[] {
  return [...new Set(lists.flatMap((list) => list.map((one) => one.name)))].sort();
}

function toColumns(list: readonly NamedCount[], names: readonly string[]): z.infer<typeof columns> {
  const byName = new Map(list.map((one) => [one.name, one]));
  return {
    points: names.map((each) => byName.get(each)?.points ?? 0),
    series: names.map((each) => byName.get(each)?.series ?? 0),
  };
}

function fromColumns(list: z.infer<typeof columns>, names: readonly string[]): NamedCount[] {
  return names.flatMap((each, i) => {
    const points = list.points[i] ?? 0;
    return points > 0 ? [{ name: each, points, series: list.series[i] ?? 0 }] : [];
  });
}
