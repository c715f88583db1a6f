import { z } from 'zod';
import { experimentPhases } from '#lib/database';
import {
  decisionSchema,
  experimentSpecSchema,
  frozenPipelineSchema,
  hostIdSchema,
  verdictSchema,
} from '#lib/events';
import { pageOf, positionText, timestamp } from './common.view.js';

/** The enforced state machine of an experiment. */
export const phaseSchema = z.enum(experimentPhases);

const identity = {
  id: z.string(),
  name: z.string(),
  phase: phaseSchema,
  status: phaseSchema.meta({ deprecated: true, readOnly: true, description: 'A read-only copy of `phase`.' }),
  position: positionText,
  createdAt: timestamp,
  createdBy: z.string(),
  updatedAt: timestamp,
  startedAt: timestamp.nullable(),
  concludedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  archived: z.boolean(),
};

/** An experiment as it stands in lists and in the feed `experiments`. */
export const experimentSummarySchema = z.object({
  ...identity,
  baseline: z.string().meta({ description: 'Template or pipeline and version.' }),
  candidate: z.string(),
  hosts: z.int().meta({ description: 'How many hosts take part; 0 before the start.' }),
  decision: decisionSchema.nullable(),
});
export type ExperimentSummary = Readonly<z.output<typeof experimentSummarySchema>>;
export const experimentPageSchema = pageOf(experimentSummarySchema);
export type ExperimentPage = Readonly<z.output<typeof experimentPageSchema>>;

/** One experiment with all that is known about it, except its figures. */
export const experimentSchema = z.object({
  ...identity,
  spec: experimentSpecSchema,
  hosts: z.array(hostIdSchema).meta({ description: 'Frozen at start; empty before.' }),
  baseline: frozenPipelineSchema.nullable(),
  candidate: frozenPipelineSchema.nullable(),
  verdict: verdictSchema.nullable(),
  warmupAt: timestamp.nullable(),
  measurementAt: timestamp.nullable(),
  pausedAt: timestamp.nullable(),
  clonedFrom: z.string().nullable().meta({ description: 'The experiment that this is a clone of.' }),
  reason: z.string().nullable().meta({ description: 'The reason given with the newest change.' }),
});
export type Experiment = Readonly<z.output<typeof experimentSchema>>;

/** One entry of the history: who did what, when and why. */
export const historyEntrySchema = z.object({
  position: positionText,
  index: z.int().meta({ description: 'Place within the commit, from 0.' }),
  type: z.string(),
  at: timestamp,
  actor: z.object({ kind: z.enum(['user', 'service', 'host']), id: z.string() }),
  data: z.unknown(),
});
export type HistoryEntry = Readonly<z.output<typeof historyEntrySchema>>;
export const historySchema = z.object({ items: z.array(historyEntrySchema) });
export type History = Readonly<z.output<typeof historySchema>>;
