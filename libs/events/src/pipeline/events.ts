import { z } from 'zod';
import { defineEvent, type EventOf } from '../event.js';
import { pipelineContentSchema } from './content.js';

const at = z.iso.datetime();

export const pipelineEvents = {
  PipelineCreated: defineEvent({
    type: 'PipelineCreated',
    summary: 'A pipeline entered the catalogue.',
    schema: z.object({ at, name: z.string().min(1).max(120), description: z.string().max(2000) }),
  }),
  PipelineVersionPublished: defineEvent({
    type: 'PipelineVersionPublished',
    summary: 'An immutable version of a pipeline became available.',
    schema: z
      .object({
        at,
        version: z.int().positive(),
        /** sha-256 of the content in its canonical form; the first versions were stored without it. */
        contentHash: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
      })
      .and(pipelineContentSchema),
  }),
  PipelineDeprecated: defineEvent({
    type: 'PipelineDeprecated',
    summary: 'The pipeline should not be used for anything new.',
    schema: z.object({ at, reason: z.string().max(500) }),
  }),
} as const;

export type PipelineEvent = EventOf<(typeof pipelineEvents)[keyof typeof pipelineEvents]>;
