import { z } from 'zod';
import { oneShotSchemas } from '#lib/agent-protocol';
import { taskPhases, taskStages } from '#lib/events';
import { pageOf, positionText, timestamp } from './common.view.js';

export const taskKinds = oneShotSchemas.map(({ shape }) => shape.kind.value);

/** A one-shot task as it stands in lists and in the feed `tasks`. */
export const taskSchema = z.object({
  id: z.string(),
  host: z.string(),
  kind: z.enum(taskKinds),
  phase: z.enum(taskPhases).meta({
    description:
      'requested, offered: on the way; accepted: on the disk of the host; running; then done, failed, expired or cancelled.',
  }),
  cancel: z
    .enum(['none', 'requested', 'accepted'])
    .meta({ description: 'Whether it is to be taken back, and whether the host knows.' }),
  request: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for.' }),
  requestedAt: timestamp,
  requestedBy: z.string(),
  deadline: timestamp,
  endedAt: timestamp.nullable(),
  position: positionText,
});
export type Task = Readonly<z.output<typeof taskSchema>>;
export const taskPageSchema = pageOf(taskSchema);
export type TaskPage = Readonly<z.output<typeof taskPageSchema>>;

/** A task with its result and every stage that it went through. */
export const taskDetailSchema = taskSchema.extend({
  detail: z.string().nullable().meta({ description: 'The result, the reason, or how far it is.' }),
  card: z.string().nullable().meta({
    description: 'Of a Preflight of two pipelines that is done: what would be lost, as Markdown.',
  }),
  stages: z.array(z.object({ stage: z.enum(taskStages), at: timestamp, detail: z.string().nullable() })),
});
export type TaskDetail = Readonly<z.output<typeof taskDetailSchema>>;
