import type { OneShotTask } from '#lib/agent-protocol';
import type { Actor, AggregateId, HostId, TaskPhase, TaskStage, TenantId } from '#lib/events';
import { bigint, json, key, optional, serial, text, time } from '../schema/column.js';
import { table, type RowsOf } from '../schema/table.js';

/** What became of the wish to take a task back; `accepted` once it is on the host's disk. */
export type TaskCancel = 'none' | 'requested' | 'accepted';

/** One-shot tasks as they stand. `sequence` is the place of the request in TASKS, and so the order on a host. */
export const task = table({
  name: 'task',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    id: key(text<AggregateId>()),
    host: text<HostId>(),
    kind: text<OneShotTask['kind']>(),
    body: json<OneShotTask>(),
    phase: text<TaskPhase>(),
    cancel: text<TaskCancel>(),
    detail: optional(text()),
    requestedAt: time(),
    requestedBy: json<Actor>(),
    deadline: time(),
    endedAt: optional(time()),
    sequence: bigint(),
  },
  indices: [['tenant', 'host', 'sequence']],
  // Nothing that changes while a task is on its way is indexed, so its updates stay within their page (HOT).
  partialIndices: [{ name: 'task_open_deadline_idx', columns: ['deadline'], where: '(ended_at IS NULL)' }],
});
export type TaskRow = RowsOf<typeof task>;

/** Every stage of every task, never collapsed; also the cursor of the feed. */
export const taskStage = table({
  name: 'task_stage',
  writer: 'agent-gateway',
  columns: {
    tenant: key(text<TenantId>()),
    id: serial(),
    taskId: text<AggregateId>(),
    stage: text<TaskStage>(),
    at: time(),
    detail: optional(text()),
  },
  indices: [['tenant', 'taskId']],
});
export type TaskStageRow = RowsOf<typeof taskStage>;
