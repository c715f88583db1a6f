import { reasonOf, type Clock } from '#lib/agent-core';
import { MAX_RESULT_DETAIL, type CollectLogs, type OneShotTask, type TaskResult } from '#lib/agent-protocol';
import { recordMetrics, type CaptureTools } from '../capture/record-metrics.js';
import { preflight } from '../preflight/preflight.js';
import type { Sandboxes } from '../preflight/sandbox.js';
import type { Fleet } from '../reconcile/fleet.js';
import type { Reconciler } from '../reconcile/reconciler.js';
import { simulate, type SimulationTools } from '../simulation/simulate.js';

export type TaskTools = {
  readonly fleet: Pick<Fleet, 'running'>;
  readonly reconciler: Pick<Reconciler, 'restart'>;
  readonly sandboxes: Sandboxes;
  readonly simulation: SimulationTools;
  readonly clock: Clock;
} & Pick<CaptureTools, 'identity' | 'tell' | 'captureLimits'>;

/** Tells how far a task is. */
export type Progress = (note: string) => Promise<void>;

/** What came of a task, without the time and the id. */
export type Outcome = Pick<TaskResult, 'outcome' | 'detail'>;

/** True when doing the task a second time does no harm, so that a killed agent may begin it again. */
export function isRepeatable({ kind }: OneShotTask): boolean {
  switch (kind) {
    case 'CollectLogs':
      return true;
    case 'RestartCollector':
    case 'Preflight':
    case 'Simulate':
    case 'RecordMetrics':
      return false;
  }
}

/** Tasks of one lane wait for each other; those of different lanes run side by side, and are meant to. */
export const lanes = ['quick', 'preflight', 'simulation'] as const;
export type TaskLane = (typeof lanes)[number];

/** What takes minutes may not hold up a look at a log. */
export function laneOf({ kind }: OneShotTask): TaskLane {
  switch (kind) {
    case 'CollectLogs':
    case 'RestartCollector':
      return 'quick';
    // Both open the sandbox, of which there is one.
    case 'Preflight':
    case 'RecordMetrics':
      return 'preflight';
    case 'Simulate':
      return 'simulation';
  }
}

/** Does one task. Never throws: what goes wrong is the outcome, unless the signal was the reason for it. */
export async function perform(
  task: OneShotTask,
  tools: TaskTools & { readonly progress: Progress },
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    return await outcomeOf(task, tools, signal);
  } catch (error) {
    return { outcome: 'failed', detail: reasonOf(error).slice(0, MAX_RESULT_DETAIL) };
  }
}

async function outcomeOf(
  task: OneShotTask,
  tools: TaskTools & { readonly progress: Progress },
  signal: AbortSignal,
): Promise<Outcome> {
  switch (task.kind) {
    case 'CollectLogs':
      return logsOf(task, tools);
    case 'RestartCollector': {
      const { instance, pid } = await tools.reconciler.restart(task.variant, signal);
      return { outcome: 'done', detail: `${task.variant} runs as ${instance}, process ${pid}` };
    }
    case 'Preflight':
      return { outcome: 'done', detail: await preflight(task, tools, signal) };
    case 'RecordMetrics':
      return { outcome: 'done', detail: await recordMetrics(task, tools, signal) };
    case 'Simulate':
      return { outcome: 'done', detail: await simulate(task, { ...tools.simulation, ...tools }, signal) };
  }
}

async function logsOf({ lines, variant }: CollectLogs, { fleet }: TaskTools): Promise<Outcome> {
  const collector = fleet.running().find(({ spec }) => spec.variant === variant);
  if (collector === undefined) return { outcome: 'failed', detail: `no ${variant} runs here` };
  const tail = await collector.logTail(lines);
  return { outcome: 'done', detail: tail.join('\n').slice(-MAX_RESULT_DETAIL) };
}
