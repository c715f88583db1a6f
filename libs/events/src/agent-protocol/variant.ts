import { z } from 'zod';

/** Which of the two pipelines of an experiment a collector runs. */
export const collectorVariantSchema = z.enum(['baseline', 'candidate']);
