import { z } from 'zod';
import { contentKinds } from '#lib/events';
import { positionText, timestamp } from './common.view.js';

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
