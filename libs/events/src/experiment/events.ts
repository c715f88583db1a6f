import { z } from 'zod';
import { defineEvent, type EventOf } from '../event.js';
import { aggregateIdSchema, hostIdSchema } from '../ids.js';
import { experimentSpecSchema, frozenPipelineSchema } from './spec.js';
import { verdictSchema } from './verdict.js';

const at = z.iso.datetime();
const reason = z.string().max(500);
/** `graceful` lets a collector drain before it stops, `instant` does not wait. */
export const rollbackModeSchema = z.enum(['graceful', 'instant']);
/** Commits from before there was a choice hold no mode; what they asked for was graceful. */
const modeSchema = rollbackModeSchema.default('graceful');
export type RollbackMode = z.output<typeof rollbackModeSchema>;
export const requesterSchema = z.enum(['user', 'guardrail', 'policy']);

export const experimentEvents = {
  ExperimentDrafted: defineEvent({
    type: 'ExperimentDrafted',
    summary: 'An experiment was described; nothing runs yet.',
    schema: z.object({
      at,
      spec: experimentSpecSchema,
      /** The experiment whose description it began with, when it was cloned. */
      clonedFrom: aggregateIdSchema.optional(),
    }),
  }),
  ExperimentRevised: defineEvent({
    type: 'ExperimentRevised',
    summary: 'The draft was replaced by another description.',
    schema: z.object({ at, spec: experimentSpecSchema }),
  }),
  ExperimentStarted: defineEvent({
    type: 'ExperimentStarted',
    summary: 'Targets and pipelines were frozen and hosts are to run both variants.',
    schema: z.object({
      at,
      hosts: z.array(hostIdSchema).min(1),
      baseline: frozenPipelineSchema,
      candidate: frozenPipelineSchema,
      spec: experimentSpecSchema,
    }),
  }),
  ExperimentWarmupBegan: defineEvent({
    type: 'ExperimentWarmupBegan',
    summary: 'Every target host reports both variants with the right configuration.',
    schema: z.object({ at }),
  }),
  ExperimentMeasurementBegan: defineEvent({
    type: 'ExperimentMeasurementBegan',
    summary: 'Warm-up is over; windows from here on count.',
    schema: z.object({ at }),
  }),
  ExperimentPaused: defineEvent({
    type: 'ExperimentPaused',
    summary: 'The candidate is stopped for now; the baseline goes on.',
    schema: z.object({ at, reason, mode: modeSchema }),
  }),
  ExperimentResumed: defineEvent({
    type: 'ExperimentResumed',
    summary: 'The candidate runs again; warm-up starts anew.',
    schema: z.object({ at }),
  }),
  ExperimentConcluded: defineEvent({
    type: 'ExperimentConcluded',
    summary: 'The analyzer gave its verdict.',
    schema: z.object({ at, verdict: verdictSchema }),
  }),
  ExperimentPromotionRequested: defineEvent({
    type: 'ExperimentPromotionRequested',
    summary: 'The candidate is to become the pipeline of every target host.',
    schema: z.object({ at, reason, despiteVerdict: z.boolean() }),
  }),
  ExperimentPromoted: defineEvent({
    type: 'ExperimentPromoted',
    summary: 'Every reachable target host runs the candidate alone.',
    schema: z.object({ at }),
  }),
  RollbackRequested: defineEvent({
    type: 'RollbackRequested',
    summary: 'Hosts are to go back to the baseline.',
    schema: z.object({
      at,
      aggregate: z.literal('experiment'),
      mode: rollbackModeSchema,
      requestedBy: requesterSchema,
      reason,
      target: z.literal('baseline'),
    }),
  }),
  ExperimentRolledBack: defineEvent({
    type: 'ExperimentRolledBack',
    summary: 'Every reachable target host runs the baseline alone again.',
    schema: z.object({ at }),
  }),
  ExperimentStopRequested: defineEvent({
    type: 'ExperimentStopRequested',
    summary: 'The candidate is to be stopped without a verdict.',
    schema: z.object({ at, reason, mode: modeSchema }),
  }),
  ExperimentStopped: defineEvent({
    type: 'ExperimentStopped',
    summary: 'No target host runs the candidate any more.',
    schema: z.object({ at }),
  }),
  ExperimentFailed: defineEvent({
    type: 'ExperimentFailed',
    summary: 'The experiment could not go on; hosts return to the baseline.',
    schema: z.object({ at, reason }),
  }),
  ExperimentArchived: defineEvent({
    type: 'ExperimentArchived',
    summary: 'The experiment is kept for the record and hidden from lists.',
    schema: z.object({ at }),
  }),
} as const;

export type ExperimentEvent = EventOf<(typeof experimentEvents)[keyof typeof experimentEvents]>;
