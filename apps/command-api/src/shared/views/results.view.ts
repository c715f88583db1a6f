import { z } from 'zod';
import { verdictSchema } from '#lib/events';
import { experimentSchema } from './experiment.view.js';
import { kpisSchema } from './kpi.view.js';

/** The record of a concluded experiment: description, course and verdict as of the conclusion, and the figures. */
export const resultsSchema = z.object({
  experiment: experimentSchema.extend({ verdict: verdictSchema }),
  kpis: kpisSchema,
});
export type Results = Readonly<z.output<typeof resultsSchema>>;
