import type { DataSource } from 'typeorm';
import type { AggregateId, HostId, TaskPhase, TenantId } from '#lib/events';
import { task, taskStage, type TaskRow, type TaskStageRow } from '../tables/task.table.js';
import { decodeNumberCursor, encodeNumberCursor, type Page } from './paging.js';

/** Which tasks; the newest come first. */
export interface TaskListQuery {
  readonly tenant: TenantId;
  readonly host?: HostId;
  readonly phases?: readonly TaskPhase[];
  readonly limit: number;
  readonly cursor?: string;
}

const ORDER = ['sequence', 'desc'];

/** One page. @throws CursorError when the cursor is none of ours */
export async function listTasks(source: DataSource, query: TaskListQuery): Promise<Page<TaskRow>> {
  const { tenant, host, phases, limit, cursor } = query;
  const builder = source.getRepository(task).createQueryBuilder('t').where('t.tenant = :tenant', { tenant });
  if (host !== undefined) builder.andWhere('t.host = :host', { host });
  if (phases !== undefined) builder.andWhere('t.phase = ANY(:phases)', { phases: [...phases] });
  if (cursor !== undefined)
    builder.andWhere('t.sequence < :before', { before: decodeNumberCursor(cursor, ORDER) });
  const rows = await builder
    .orderBy('t.sequence', 'DESC')
    .limit(limit + 1)
    .getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, next: encodeNumberCursor(ORDER, last.sequence) };
}

/** The tasks with these ids, or all. */
export function tasksOf(
  source: DataSource,
  tenant: TenantId,
  ids?: readonly string[],
): Promise<readonly TaskRow[]> {
  const builder = source.getRepository(task).createQueryBuilder('t').where('t.tenant = :tenant', { tenant });
  if (ids !== undefined) builder.andWhere('t.id = ANY(:ids)', { ids: [...ids] });
  return builder.orderBy('t.sequence', 'ASC').getMany();
}

/** One task, or null. */
export function findTask(source: DataSource, tenant: TenantId, id: AggregateId): Promise<TaskRow | null> {
  return source.getRepository(task).findOneBy({ tenant, id });
}

/** Every stage of a task, in the order in which they were told. */
export function stagesOf(
  source: DataSource,
  tenant: TenantId,
  taskId: AggregateId,
): Promise<readonly TaskStageRow[]> {
  return source.getRepository(taskStage).find({ where: { tenant, taskId }, order: { id: 'ASC' } });
}
