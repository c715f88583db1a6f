import { z } from 'zod';
import { HyperLogLog } from './hyperloglog.js';
import { ATTRIBUTE_PRECISION, MAX_NAME_LENGTH, SERIES_PRECISION } from './limits.js';

/** The shapes of the message's JSON, one for each version that was ever sent. */

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const name = z.string().max(MAX_NAME_LENGTH);
const id = z.string().min(1).max(256);
const variant = z.enum(['baseline', 'candidate']);
const seriesCount = z.strictObject({ value: count, exact: z.boolean() });
const lostNames = z.array(z.strictObject({ name, series: count }));

/** Named counts as columns over the message's one list of names: variants repeat each other, so it deflates well. */
const columns = z.strictObject({ points: z.array(count), series: z.array(count) });

const collectorV1 = z.strictObject({
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

const messageV1 = z.strictObject({
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
  collectors: z.array(collectorV1),
  minute: minute.nullable(),
});

/** Version 2 counts services and namespaces. */
const collectorV2 = collectorV1.extend({ services: columns, namespaces: columns });
const messageV2 = messageV1.extend({
  serviceNames: z.array(name),
  namespaceNames: z.array(name),
  collectors: z.array(collectorV2),
});

export const wireSchemas = { 1: messageV1, 2: messageV2 } as const;
export type WireVersion = keyof typeof wireSchemas;
export type Columns = z.infer<typeof columns>;
export type MessageV1 = z.infer<typeof messageV1>;
export type MessageV2 = z.infer<typeof messageV2>;
