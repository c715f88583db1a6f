import { z } from 'zod';

const seconds = z.int().positive().max(3600);
const percent = z.number().positive();
const MEBIBYTE = 1024 * 1024;

/**
 * What a candidate may do to its host before the agent takes it back by itself. Every limit has a default, so an order
 * names only what it wants to be different. A limit counts as broken when it was for the whole of its `seconds`.
 */
export const collectorLimitsSchema = z.object({
  /** Resident memory, looked at each second. The templates keep a collector below 200 MiB of heap. */
  memory: z
    .object({
      rssBytes: z
        .int()
        .positive()
        .default(512 * MEBIBYTE),
      seconds: seconds.default(3),
    })
    .prefault({}),
  /** CPU in percent of one core, smoothed over a scrape interval, at least five seconds. */
  cpu: z.object({ percent: percent.default(100), seconds: seconds.default(60) }).prefault({}),
  /** Points refused or failed, in percent of those that came to the same receiver or exporter. */
  drops: z.object({ percent: percent.max(100).default(50), seconds: seconds.default(20) }).prefault({}),
  /** No export through the meter for so many scrape intervals, and for so many seconds. */
  silence: z
    .object({ intervals: z.int().min(2).max(1000).default(6), seconds: seconds.default(30) })
    .prefault({}),
});
export type CollectorLimits = Readonly<z.output<typeof collectorLimitsSchema>>;

/** The limits of an order that names none, or only some. */
export function limitsOf(
  named: Readonly<z.input<typeof collectorLimitsSchema>> | undefined = {},
): CollectorLimits {
  return collectorLimitsSchema.parse(named);
}
