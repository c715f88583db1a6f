import { z } from 'zod';
import { experimentSchema } from './experiment.view.js';
import { kpisSchema } from './kpi.view.js';

/** The record of an experiment: description, course, verdict and figures. */
export const resultsSchema = z.object({ experiment: experimentSchema, kpis: kpisSchema });
export type Results = Readonly<z.output<typeof resultsSchema>>;
