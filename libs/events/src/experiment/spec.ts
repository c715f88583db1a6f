import { z } from 'zod';
import { collectorLimitsSchema } from '../agent-protocol/limits.js';
import { hostIdSchema } from '../ids.js';
import { specContentSchema, templateContentSchema, yamlContentSchema } from '../pipeline/content.js';

/** The two pipelines of an experiment: the baseline pays the bill today, the candidate should replace it. */
export const variantNames = ['baseline', 'candidate'] as const;
export const variantSchema = z.enum(variantNames);
export type Variant = z.output<typeof variantSchema>;

/** A built-in template with its parameters, or one published version of a catalogued pipeline. */
export const pipelineRefSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('template'),
    template: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('pipeline'), pipelineId: z.string(), version: z.int().positive() }),
]);
export type PipelineRef = Readonly<z.output<typeof pipelineRefSchema>>;

/** Where a frozen pipeline was taken from, where that is the catalogue. */
const origin = { pipelineId: z.string().optional(), version: z.int().positive().optional() };

/** A pipeline reference resolved at start: what is rendered never changes afterwards. */
export const frozenPipelineSchema = z.union([
  templateContentSchema.extend(origin),
  specContentSchema.extend(origin),
  // The text and not its hash: what runs must follow from the log alone, as it does for the others.
  yamlContentSchema.extend(origin),
]);
export type FrozenPipeline = Readonly<z.output<typeof frozenPipelineSchema>>;

/** Hosts by id or by labels (all must match); frozen to ids at start. */
export const targetsSchema = z.object({
  hosts: z.array(hostIdSchema).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  site: z.string().optional(),
});
export type Targets = Readonly<z.output<typeof targetsSchema>>;

/** Seconds of each stage. The deadlines are derived from these, never stored as timers. */
export const scheduleSchema = z.object({
  warmupSeconds: z.int().min(0),
  minimumSeconds: z.int().min(10),
  maximumSeconds: z.int().min(10),
  /** How long hosts may take to run both collectors before the experiment fails. */
  deploySeconds: z.int().min(10),
});
export type Schedule = Readonly<z.output<typeof scheduleSchema>>;

/**
 * What must not get worse. `processCoverage`: share of executables seen in the baseline that the candidate still
 * shows, weighted; `criticalCoverage`: the same over the critical list, strict; `collectorCpu`, `collectorMemory`:
 * candidate may exceed the baseline by at most `margin` (a share, 0.1 = 10 %).
 */
export const guardrailSchema = z.object({
  kpi: z.enum(['processCoverage', 'criticalCoverage', 'collectorCpu', 'collectorMemory']),
  margin: z.number().min(0).max(10),
});
export type Guardrail = Readonly<z.output<typeof guardrailSchema>>;

/** The immutable description of an experiment. */
export const experimentSpecSchema = z.object({
  name: z.string().min(1).max(120),
  baseline: pipelineRefSchema,
  candidate: pipelineRefSchema,
  targets: targetsSchema,
  schedule: scheduleSchema,
  criticalProcesses: z.array(z.string().min(1)).max(200),
  guardrails: z.array(guardrailSchema),
  success: z.object({ kpi: z.literal('activeSeries'), minimumReduction: z.number().min(0).max(1) }),
  confidence: z.number().min(0.5).max(0.999),
  tariff: z.string(),
  /** What the candidate may do to a host before the host takes it back by itself; left out: the defaults of hosts. */
  limits: collectorLimitsSchema.optional(),
});
export type ExperimentSpec = Readonly<z.output<typeof experimentSpecSchema>>;
