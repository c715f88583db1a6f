import { z } from 'zod';
import { previewPriceSchema, previewReportSchema } from '#lib/pipelines';

/** The answer of a preview. */
export const previewSchema = z.object({
  report: previewReportSchema,
  price: previewPriceSchema.nullable().meta({ description: 'null where no tariff was named.' }),
  card: z.string().meta({ description: 'The same for people, as Markdown.' }),
});
