import { z } from 'zod';
import { oneShotTaskSchema } from './agent-protocol/tasks.js';
import { aggregateIdSchema } from './ids.js';

const at = z.iso.datetime();
const by = z.object({ kind: z.enum(['user', 'service', 'host']), id: z.string() });

/**
 * `task.<tenant>.<host>` in TASKS: somebody asks for a one-shot task, or takes one back. The id is the task's own; a
 * request that comes twice is one task.
 */
export const taskMessageSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('request'), at, by, task: oneShotTaskSchema }),
  z.object({
    op: z.literal('cancel'),
    at,
    by,
    taskId: aggregateIdSchema,
    reason: z.string().max(500),
  }),
]);
export type TaskMessage = Readonly<z.output<typeof taskMessageSchema>>;

/**
 * The stages of a one-shot task. `requested`, `offered`, `cancel-requested` and an `expired` of what never arrived are
 * the gateway's word; `accepted` is the host's reply, given when the task is on its disk; the rest is the host's report.
 */
export const taskStages = [
  'requested',
  'offered',
  'accepted',
  'running',
  'cancel-requested',
  'done',
  'failed',
  'expired',
  'cancelled',
] as const;
export type TaskStage = (typeof taskStages)[number];

/** Where a task stands: its newest stage, a wish to cancel left aside. */
export const taskPhases = taskStages.filter((stage) => stage !== 'cancel-requested');
export type TaskPhase = Exclude<TaskStage, 'cancel-requested'>;

/** Stages in which nothing more is expected. */
export const finalTaskPhases = ['done', 'failed', 'expired', 'cancelled'] as const satisfies TaskPhase[];

/** True when the task is over, as far as is known. */
export function isFinalTaskPhase(phase: TaskPhase): boolean {
  return (finalTaskPhases as readonly TaskPhase[]).includes(phase);
}

/**
 * The phase of a task after a stage, or undefined when the stage says nothing new and is left out. Stages may be told
 * again or late. What a host reports replaces a guess of the gateway, never another report.
 */
export function phaseAfter(phase: TaskPhase, stage: TaskStage): TaskPhase | undefined {
  if (stage === 'cancel-requested') return isFinalTaskPhase(phase) ? undefined : phase;
  const isGuess = phase === 'expired' && stage !== 'expired';
  if (isFinalTaskPhase(phase)) return isGuess && isFinalTaskPhase(stage) ? stage : undefined;
  return taskPhases.indexOf(stage) > taskPhases.indexOf(phase) ? stage : undefined;
}
