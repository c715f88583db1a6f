import { reasonOf } from '#lib/agent-core';
import { MAX_RESULT_DETAIL, type CollectLogs, type OneShotTask, type TaskResult } from '#lib/agent-protocol';
import type { Fleet } from '../reconcile/fleet.js';
import type { Reconciler } from '../reconcile/reconciler.js';

export type TaskTools = {
  readonly fleet: Pick<Fleet, 'running'>;
  readonly reconciler: Pick<Reconciler, 'restart'>;
};

/** What came of a task, without the time and the id. */
export type Outcome = Pick<TaskResult, 'outcome' | 'detail'>;

/** True when doing the task a second time does no harm, so that a killed agent may begin it again. */
export function isRepeatable({ kind }: OneShotTask): boolean {
  switch (kind) {
    case 'CollectLogs':
      return true;
    case 'RestartCollector':
      return false;
  }
}

/** Does one task. Never throws: what goes wrong is the outcome, unless the signal was the reason for it. */
export async function perform(task: OneShotTask, tools: TaskTools, signal: AbortSignal): Promise<Outcome> {
  try {
    switch (task.kind) {
      case 'CollectLogs':
        return await logsOf(task, tools);
      case 'RestartCollector': {
        const { instance, pid } = await tools.reconciler.restart(task.variant, signal);
        return { outcome: 'done', detail: `${task.variant} runs as ${instance}, process ${pid}` };
      }
    }
  } catch (error) {
    return { outcome: 'failed', detail: reasonOf(error).slice(0, MAX_RESULT_DETAIL) };
  }
}

async function logsOf({ lines, variant }: CollectLogs, { fleet }: TaskTools): Promise<Outcome> {
  const collector = fleet.running().find(({ spec }) => spec.variant === variant);
  if (collector === undefined) return { outcome: 'failed', detail: `no ${variant} runs here` };
  const tail = await collector.logTail(lines);
  return { outcome: 'done', detail: tail.join('\n').slice(-MAX_RESULT_DETAIL) };
}
