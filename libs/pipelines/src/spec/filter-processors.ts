import { z } from 'zod';
import { nameSelection } from './naming.js';

/** Lets only the named metrics pass. */
export const keepMetrics = z
  .strictObject({ kind: z.literal('keepMetrics'), metrics: nameSelection })
  .readonly();

/** Takes the named metrics out. */
export const dropMetrics = z
  .strictObject({ kind: z.literal('dropMetrics'), metrics: nameSelection })
  .readonly();
