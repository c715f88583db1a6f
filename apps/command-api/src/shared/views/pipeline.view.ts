import { z } from 'zod';
import { experimentPhases } from '#lib/database';
import { contentKinds } from '#lib/events';
import { findingSchema, positionText, timestamp } from './common.view.js';

/** A pipeline of the catalogue. */
export const pipelineSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  position: positionText,
  latestVersion: z.int().meta({ description: '0 until the first version is published.' }),
  deprecated: z.boolean(),
  deprecatedReason: z.string().nullable(),
  createdAt: timestamp,
  createdBy: z.string(),
  updatedAt: timestamp,
});
export type Pipeline = Readonly<z.output<typeof pipelineSchema>>;
export const pipelineListSchema = z.object({ items: z.array(pipelineSchema) });

/** One published version; versions never change. */
export const pipelineVersionSchema = z.object({
  pipelineId: z.string(),
  version: z.int(),
  kind: z.enum(contentKinds),
  contentHash: z.string().meta({ description: 'sha-256 of the content; equal content has an equal hash.' }),
  template: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
  yaml: z.string().optional().meta({ description: 'Only where one version is asked for.' }),
  publishedAt: timestamp,
  publishedBy: z.string(),
});
export type PipelineVersion = Readonly<z.output<typeof pipelineVersionSchema>>;
export const pipelineVersionsSchema = z.object({ items: z.array(pipelineVersionSchema) });

const described = { name: z.string(), description: z.string() };
const parameterSchema = z.discriminatedUnion('type', [
  z.object({
    ...described,
    type: z.literal('integer'),
    default: z.int(),
    min: z.int(),
    max: z.int(),
    unit: z.string(),
  }),
  z.object({ ...described, type: z.literal('choice'), default: z.string(), choices: z.array(z.string()) }),
  z.object({ ...described, type: z.literal('names'), default: z.array(z.string()), maxItems: z.int() }),
]);

/** The built-in templates with all that a form needs to show them. */
export const templatesSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.string().meta({ description: 'What it does to the data: everything, filter or aggregate.' }),
      purpose: z.string(),
      tradeOff: z.string(),
      parameters: z.array(parameterSchema),
    }),
  ),
});

/** A stored collector configuration. */
export const generatedConfigSchema = z.object({
  hash: z.string(),
  createdAt: timestamp,
  rendered: z.unknown().meta({ description: 'As POST /pipelines/render answers it.' }),
});
export type GeneratedConfigView = Readonly<z.output<typeof generatedConfigSchema>>;

/** What can be said about a content before it is stored. */
export const validationSchema = z.object({
  valid: z.boolean().meta({ description: 'There is no error; warnings do not count.' }),
  kind: z.enum(contentKinds),
  errors: z.int(),
  warnings: z.int(),
  findings: z.array(findingSchema),
});
export type Validation = Readonly<z.output<typeof validationSchema>>;

const noData = z.object({ noData: z.literal(true), reason: z.string() });
const at = { path: z.string() };
const changeSchema = z.discriminatedUnion('change', [
  z.object({ ...at, change: z.literal('added'), after: z.unknown() }),
  z.object({ ...at, change: z.literal('removed'), before: z.unknown() }),
  z.object({ ...at, change: z.literal('changed'), before: z.unknown(), after: z.unknown() }),
]);
export type SpecificationChange = Readonly<z.output<typeof changeSchema>>;

/** How two versions differ. */
export const pipelineDiffSchema = z.object({
  pipelineId: z.string(),
  from: z.int(),
  to: z.int(),
  equal: z.boolean().meta({ description: 'Both have the same content hash.' }),
  specification: z.union([z.object({ changes: z.array(changeSchema) }), noData]),
  rendered: z.object({
    host: z.string().nullable().meta({ description: 'Null: rendered for an example host.' }),
    text: z.string().nullable().meta({ description: 'A unified diff; empty where nothing differs.' }),
    reason: z.string().nullable().meta({ description: 'Why there is no text.' }),
  }),
});
export type PipelineDiff = Readonly<z.output<typeof pipelineDiffSchema>>;

const runs = z.enum(['yes', 'no', 'no-data']);

/** Who uses which version. */
export const pipelineUsageSchema = z.object({
  pipelineId: z.string(),
  experiments: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      phase: z.enum(experimentPhases),
      role: z.enum(['baseline', 'candidate']),
      version: z.int(),
    }),
  ),
  hosts: z.array(
    z.object({
      host: z.string(),
      experimentId: z.string(),
      role: z.enum(['baseline', 'candidate']),
      version: z.int(),
      configHash: z.string(),
      desired: runs.meta({
        description: 'The newest order to the host names it; no-data: none is on record.',
      }),
      effective: runs.meta({
        description: 'The host says that it runs it; no-data: it has not said what it runs.',
      }),
    }),
  ),
  leftOut: z
    .object({ experiments: z.boolean(), hosts: z.boolean() })
    .meta({ description: 'There are more than are listed, which are the newest.' }),
});
export type PipelineUsage = Readonly<z.output<typeof pipelineUsageSchema>>;
