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
import { readPreflightReport } from '#lib/agent-protocol';
import type { AggregateId, TenantId } from '#lib/events';
import { previewCard } from '#lib/pipelines';
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
      card: cardOf(row),
      stages: stages.map(({ stage, at, detail }) => ({ stage, at, detail })),
    };
  }
}

function cardOf({ detail, kind, phase }: TaskRow): string | null {
  if (kind !== 'Preflight' || phase !== 'done') return null;
  const card = readPreflightReport(detail ?? '')?.card;
  return card === undefined || card === null ? null : previewCard(card);
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
  if ('collector' in request) return { ...request, collector: briefly(request.collector) };
  if (!('collectors' in request)) return request;
  return { ...request, collectors: request.collectors.map(briefly) };
}

function briefly<T extends { readonly rendered?: unknown }>({ rendered, ...about }: T) {
  const { templateId } = Object(rendered) as { readonly templateId?: unknown };
  return { ...about, template: templateId };
}
