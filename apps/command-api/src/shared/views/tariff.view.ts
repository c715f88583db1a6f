import { z } from 'zod';

const meterSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('activeSeries') }),
  z.object({ kind: z.literal('seriesOrDataPoints'), includedDpm: z.number() }),
  z.object({ kind: z.literal('samples') }),
]);

/** A vendor's price list. Money in millionths of a dollar, so that nothing is lost to rounding. */
const tariffSchema = z.object({
  id: z.string(),
  vendor: z.string(),
  name: z.string(),
  currency: z.literal('USD'),
  source: z.string(),
  asOf: z.iso.date(),
  platformMicroUsd: z.int(),
  meter: meterSchema,
  tiers: z.array(z.object({ upTo: z.int().nullable(), microUsd: z.int(), per: z.int() })),
  includedPerHost: z.number(),
  note: z.string(),
});
export const tariffsSchema = z.object({ items: z.array(tariffSchema) });
