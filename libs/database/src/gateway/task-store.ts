import type { DataSource } from 'typeorm';
import { finalTaskPhases, type AggregateId, type HostId, type TaskMessage, type TenantId } from '#lib/events';
import type { Sql } from '#lib/platform';
import { task, type TaskRow } from '../tables/task.table.js';
import { TASKS_READER, uplinkPosition } from '../tables/uplink.table.js';
import { rowFrom, upsert } from '../sql/upsert.js';
import { inTransaction, sqlOf } from '../sql/sql.js';
import { lockTaskStages, writeTaskSteps, type TaskStep } from './task-steps.js';

/** A message of TASKS at its place. */
export interface PlacedTaskMessage {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly sequence: number;
  readonly message: TaskMessage;
}

/** Where a task goes. */
export interface TaskHost {
  readonly tenant: TenantId;
  readonly host: HostId;
}

/** SQL: the task has yet to reach its host, or the wish to take it back has. */
const UNDELIVERED = `(phase IN ('requested', 'offered') OR cancel = 'requested') AND NOT phase = ANY($1)`;

/** One-shot tasks as the gateway keeps them. */
export class TaskStore {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => string,
  ) {}

  /** Sequence of TASKS up to which everything is in the table. */
  async position(): Promise<number> {
    const row = await this.source.getRepository(uplinkPosition).findOneBy({ reader: TASKS_READER });
    return row?.sequence ?? 0;
  }

  /** In one transaction: what the messages ask for, in their order, and the place in the stream. */
  take(messages: readonly PlacedTaskMessage[], sequence: number): Promise<void> {
    return inTransaction(this.source, async (sql) => {
      await lockTaskStages(sql);
      for (const placed of messages) await this.takeOne(sql, placed);
      const row = { reader: TASKS_READER, sequence, updatedAt: this.now() };
      await upsert(sql, uplinkPosition, [row], { existing: 'replace-older', by: 'sequence' });
    });
  }

  /** Writes stages in one transaction. */
  advance(steps: readonly TaskStep[]): Promise<void> {
    return inTransaction(this.source, (sql) => writeTaskSteps(sql, steps));
  }

  /** The host has the wish to take a task back on its disk. */
  async cancelAccepted({ tenant, id }: Pick<TaskRow, 'tenant' | 'id'>): Promise<void> {
    await sqlOf(this.source.manager).query(
      `UPDATE task SET cancel = 'accepted' WHERE tenant = $1 AND id = $2`,
      [tenant, id],
    );
  }

  /** Hosts for which something waits. */
  async waitingHosts(): Promise<readonly TaskHost[]> {
    return sqlOf(this.source.manager).query<TaskHost>(
      `SELECT DISTINCT tenant, host FROM task WHERE ${UNDELIVERED}`,
      [finalTaskPhases],
    );
  }

  /** What waits for a host, in the order in which it was asked for. */
  async waitingFor({ tenant, host }: TaskHost): Promise<readonly TaskRow[]> {
    const rows = await sqlOf(this.source.manager).query<Record<string, unknown>>(
      `SELECT * FROM task WHERE ${UNDELIVERED} AND tenant = $2 AND host = $3 ORDER BY sequence`,
      [finalTaskPhases, tenant, host],
    );
    return rows.map((raw) => rowFrom(task, raw));
  }

  /** Tasks that are not over although their deadline was before `at`, the oldest first. */
  async overdue(at: string, limit: number): Promise<readonly TaskRow[]> {
    const rows = await sqlOf(this.source.manager).query<Record<string, unknown>>(
      `SELECT * FROM task WHERE NOT phase = ANY($1) AND deadline < $2 ORDER BY deadline LIMIT $3`,
      [finalTaskPhases, at, limit],
    );
    return rows.map((raw) => rowFrom(task, raw));
  }

  private async takeOne(sql: Sql, { tenant, host, sequence, message }: PlacedTaskMessage): Promise<void> {
    if (message.op === 'cancel') return this.takeCancel(sql, tenant, host, message);
    const { at, by, task: body } = message;
    const id = body.taskId as AggregateId;
    const inserted = await sql.query<object>(
      `INSERT INTO task (tenant, id, host, kind, body, phase, cancel, requested_at, requested_by, deadline, sequence)
       VALUES ($1, $2, $3, $4, $5, 'requested', 'none', $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
      [
        ...[tenant, id, host, body.kind, JSON.stringify(body), at],
        ...[JSON.stringify(by), body.deadline, sequence],
      ],
    );
    if (inserted.length === 0) return;
    await sql.query(`INSERT INTO task_stage (tenant, task_id, stage, at) VALUES ($1, $2, 'requested', $3)`, [
      tenant,
      id,
      at,
    ]);
  }

  /** A task that has not been offered is over at once; for others the host is told. */
  private async takeCancel(
    sql: Sql,
    tenant: TenantId,
    host: HostId,
    { taskId, at, by, reason }: Extract<TaskMessage, { op: 'cancel' }>,
  ): Promise<void> {
    const [row] = await sql.query<Pick<TaskRow, 'phase'>>(
      `SELECT phase FROM task WHERE tenant = $1 AND id = $2 AND host = $3 FOR UPDATE`,
      [tenant, taskId, host],
    );
    if (row === undefined) return;
    await sql.query(
      `UPDATE task SET cancel = 'requested' WHERE tenant = $1 AND id = $2 AND cancel = 'none'`,
      [tenant, taskId],
    );
    const detail = `${by.id}: ${reason}`;
    const steps: TaskStep[] = [{ tenant, id: taskId, stage: 'cancel-requested', at, detail }];
    if (row.phase === 'requested')
      steps.push({ tenant, id: taskId, stage: 'cancelled', at, detail: 'it had not been sent' });
    await writeTaskSteps(sql, steps);
  }
}
