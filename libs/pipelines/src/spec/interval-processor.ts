import { z } from 'zod';

/**
 * Sends of each series only the newest point of every interval: gauges, summaries, and counters and histograms that
 * are totals. Growth passes at once, since points of growth cannot be left out; so do sums that may fall, such as
 * `process.memory.usage`, which the stock processor never holds back. What is held when the collector ends is lost.
 */
export const interval = z
  .strictObject({
    kind: z.literal('interval'),
    seconds: z.int().min(1).max(3600),
    /** What is not held back either. */
    pass: z
      .array(z.enum(['gauges', 'summaries']))
      .max(2)
      .readonly(),
  })
  .readonly();
