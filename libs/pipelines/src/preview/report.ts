import { z } from 'zod';

export {
  previewReportSchema,
  type PreviewFigures,
  type PreviewOutcome,
  type PreviewReport,
} from '#lib/agent-protocol';

/** The price of a month under a tariff, or why there is none. Made by those who know tariffs. */
export const previewPriceSchema = z
  .strictObject({
    tariff: z.string(),
    name: z.string(),
    /** What the vendor counts, as this figure stands in for it. */
    statistic: z.string(),
    price: z.union([
      z
        .strictObject({
          baseline: z.number(),
          candidate: z.number(),
          saving: z.number(),
          unit: z.literal('USD/month'),
        })
        .readonly(),
      z.strictObject({ noData: z.literal(true), reason: z.string() }).readonly(),
    ]),
    note: z.string(),
  })
  .readonly();
export type PreviewPrice = z.infer<typeof previewPriceSchema>;
