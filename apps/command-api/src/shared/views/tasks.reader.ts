import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  findTask,
  listTasks,
  stagesOf,
  tasksOf,
  type TaskListQuery,
  type TaskRow,
} from '#lib/database';
import type { AggregateId, TenantId } from '#lib/events';
import type { Database } from './database.js';
import type { Task, TaskDetail, TaskPage } from './task.view.js';

/** Reads one-shot tasks as answers and feeds show them. */
@Injectable()
export class TasksReader {
  constructor(@Inject(DATA_SOURCE) private readonly db: Database) {}

  /** @throws CursorError */
  async list(query: TaskListQuery): Promise<TaskPage> {
    const { items, next } = await listTasks(this.db, query);
    return { items: items.map(toTask), next: next ?? null };
  }

  /** All tasks, or those of the given ids that exist. */
  async tasks(tenant: TenantId, ids?: readonly string[]): Promise<readonly Task[]> {
    return (await tasksOf(this.db, tenant, ids)).map(toTask);
  }

  async detail(tenant: TenantId, id: AggregateId): Promise<TaskDetail | undefined> {
    const [row, stages] = await Promise.all([findTask(this.db, tenant, id), stagesOf(this.db, tenant, id)]);
    if (row === null) return undefined;
    return {
      ...toTask(row),
      detail: row.detail,
      stages: stages.map(({ stage, at, detail }) => ({ stage, at, detail })),
    };
  }
}

function toTask(row: TaskRow): Task {
  const { id, host, kind, phase, cancel, requestedAt, deadline, endedAt } = row;
  const request = requestOf(row);
  const requestedBy = row.requestedBy.id;
  const position = String(row.sequence);
  return { id, host, kind, phase, cancel, request, requestedAt, requestedBy, deadline, endedAt, position };
}

/** Without what every task has, and without the configurations, which say in kilobytes what the template says. */
function requestOf({ body }: TaskRow): Readonly<Record<string, unknown>> {
  const { kind: _kind, taskId: _taskId, deadline: _deadline, ...request } = body;
  if (!('collectors' in request)) return request;
  const collectors = request.collectors.map(({ configHash, rendered, variant }) => {
    const { templateId } = Object(rendered) as { readonly templateId?: unknown };
    return { variant, configHash, template: templateId };
  });
  return { ...request, collectors };
}
