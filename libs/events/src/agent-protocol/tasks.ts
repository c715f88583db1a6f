import { z } from 'zod';
import { hostTime } from './bounds.js';
import { collectorVariantSchema } from './variant.js';

const at = hostTime;
/** Stands in a subject (`rep.<tenant>.<host>.<taskId>`), so it has no dots and no wildcards. */
export const taskIdSchema = z.string().regex(/^[\w-]{1,100}$/, 'use letters, digits, _ and -');
const taskId = taskIdSchema;

/** One-shot: the last lines of a collector's log, as the detail of the result. */
export const collectLogsSchema = z.object({
  kind: z.literal('CollectLogs'),
  taskId,
  deadline: at,
  variant: collectorVariantSchema,
  lines: z.int().positive().max(500),
});
export type CollectLogs = Readonly<z.output<typeof collectLogsSchema>>;

/** One-shot: another process of the same configuration, started beside the old one before that one drains. */
export const restartCollectorSchema = z.object({
  kind: z.literal('RestartCollector'),
  taskId,
  deadline: at,
  variant: collectorVariantSchema,
});
export type RestartCollector = Readonly<z.output<typeof restartCollectorSchema>>;

/** Tasks that are done once, by a deadline, and answered with a `TaskResult`. */
export const oneShotSchemas = [collectLogsSchema, restartCollectorSchema] as const;
export const oneShotTaskSchema = z.discriminatedUnion('kind', [...oneShotSchemas]);
export type OneShotTask = Readonly<z.output<typeof oneShotTaskSchema>>;
export type OneShotKind = OneShotTask['kind'];

/**
 * Takes a one-shot task back. The host answers with the task's own result: `cancelled` when it had not begun or could
 * break off, otherwise what came of it. A task that has not arrived yet is never begun.
 */
export const cancelTaskSchema = z.object({
  kind: z.literal('CancelTask'),
  taskId,
  /** The task that is taken back. */
  cancels: taskId,
});
export type CancelTask = Readonly<z.output<typeof cancelTaskSchema>>;

/** A one-shot task has begun, or tells how far it is. */
export const taskProgressSchema = z.object({
  kind: z.literal('task-progress'),
  at,
  taskId,
  note: z.string().max(1000),
});
export type TaskProgress = Readonly<z.output<typeof taskProgressSchema>>;

/** Longest detail of a result, in characters; a log tail keeps its end. */
export const MAX_RESULT_DETAIL = 64_000;

/** How a one-shot task ended, told exactly once per task and outbox. */
export const taskResultSchema = z.object({
  kind: z.literal('task-result'),
  at,
  taskId,
  outcome: z.enum(['done', 'failed', 'expired', 'cancelled']),
  detail: z.string().max(MAX_RESULT_DETAIL),
});
export type TaskResult = Readonly<z.output<typeof taskResultSchema>>;
