import type { Clock, TaskJournal } from '#lib/agent-core';
import type { CollectLogs, TaskResult } from '#lib/agent-protocol';
import type { Fleet } from '../reconcile/fleet.js';
import type { Tell } from '../reconcile/attempts.js';

export type LogTaskOptions = {
  readonly journal: TaskJournal;
  readonly fleet: Fleet;
  readonly tell: Tell;
  readonly clock: Clock;
};

/** A result message holds 64,000 characters (`taskResultSchema`). */
const MAX_DETAIL = 64_000;

/** Does all open log tasks. Killed before the journal knows, one is done again: reading a log twice does no harm. */
export async function collectOpenLogs(options: LogTaskOptions): Promise<void> {
  for (const task of options.journal.openTasks) {
    await options.tell(await resultOf(task, options));
    await options.journal.finishTask(task.taskId);
  }
}

async function resultOf(task: CollectLogs, { clock, fleet }: LogTaskOptions): Promise<TaskResult> {
  const result = { kind: 'task-result', at: clock.iso(), taskId: task.taskId } as const;
  if (clock.now() > Date.parse(task.deadline))
    return { ...result, outcome: 'expired', detail: `the deadline was ${task.deadline}` };
  const collector = fleet.running().find(({ spec }) => spec.variant === task.variant);
  if (collector === undefined)
    return { ...result, outcome: 'failed', detail: `no ${task.variant} runs here` };
  const lines = await collector.logTail(task.lines);
  return { ...result, outcome: 'done', detail: lines.join('\n').slice(-MAX_DETAIL) };
}
