import type { DataSource } from 'typeorm';
import {
  finalTaskPhases,
  type AggregateId,
  type HostId,
  type TaskMessage,
  type TaskPhase,
  type TenantId,
} from '#lib/events';
import type { Sql } from '#lib/platform';
import { task, type TaskRow } from '../tables/task.table.js';
import { TASKS_READER, uplinkPosition } from '../tables/uplink.table.js';
import { rowFrom, upsert } from '../sql/upsert.js';
import { inTransaction, sqlOf } from '../sql/sql.js';
import { insertStages, lockTaskStages, writeTaskSteps, type TaskStep } from './task-steps.js';

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
      for (const run of runsOf(messages)) await this.takeRun(sql, run);
      const row = { reader: TASKS_READER, sequence, updatedAt: this.now() };
      await upsert(sql, uplinkPosition, [row], { existing: 'replace-older', by: 'sequence' });
    });
  }

  /** Writes stages in one transaction; answers the phase of each step's task by then, undefined for an unknown one. */
  advance(steps: readonly TaskStep[]): Promise<readonly (TaskPhase | undefined)[]> {
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

  /** What waits for each of the hosts, in the order in which it was asked for. */
  async waitingFor(hosts: readonly TaskHost[]): Promise<readonly (readonly TaskRow[])[]> {
    const rows = await sqlOf(this.source.manager).query<Record<string, unknown>>(
      `SELECT t.* FROM task t
         JOIN (SELECT DISTINCT * FROM unnest($2::text[], $3::text[])) AS u(tenant, host) USING (tenant, host)
        WHERE ${UNDELIVERED} ORDER BY sequence`,
      [finalTaskPhases, hosts.map(({ tenant }) => tenant), hosts.map(({ host }) => host)],
    );
    const byHost = new Map<string, TaskRow[]>(hosts.map((host) => [nameOf(host), []]));
    for (const raw of rows) {
      const row = rowFrom(task, raw);
      byHost.get(nameOf(row))?.push(row);
    }
    return hosts.map((host) => byHost.get(nameOf(host)) ?? []);
  }

  /** Tasks that are not over although their deadline was before `at`, the oldest first. */
  async overdue(at: string, limit: number): Promise<readonly TaskRow[]> {
    const rows = await sqlOf(this.source.manager).query<Record<string, unknown>>(
      `SELECT * FROM task WHERE NOT phase = ANY($1) AND deadline < $2 ORDER BY deadline LIMIT $3`,
      [finalTaskPhases, at, limit],
    );
    return rows.map((raw) => rowFrom(task, raw));
  }

  private takeRun(sql: Sql, run: Run): Promise<void> {
    return run.op === 'cancel' ? this.takeCancel(sql, run) : this.takeRequests(sql, run.requests);
  }

  /** What is asked for twice is one task. */
  private async takeRequests(sql: Sql, requests: readonly PlacedRequest[]): Promise<void> {
    const byId = new Map<string, PlacedRequest>();
    for (const placed of requests) if (!byId.has(idOf(placed))) byId.set(idOf(placed), placed);
    const asked = [...byId.values()];
    const inserted = await sql.query<{ tenant: string; id: string }>(
      `INSERT INTO task (tenant, id, host, kind, body, phase, cancel, requested_at, requested_by, deadline, sequence)
       SELECT tenant, id, host, body ->> 'kind', body, 'requested', 'none', at, by, (body ->> 'deadline')::timestamptz,
              sequence
         FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::jsonb[], $7::bigint[])
              AS u(tenant, id, host, body, at, by, sequence)
       ON CONFLICT DO NOTHING RETURNING tenant, id`,
      [
        asked.map(({ tenant }) => tenant),
        asked.map(({ message }) => message.task.taskId),
        asked.map(({ host }) => host),
        asked.map(({ message }) => JSON.stringify(message.task)),
        asked.map(({ message }) => message.at),
        asked.map(({ message }) => JSON.stringify(message.by)),
        asked.map(({ sequence }) => sequence),
      ],
    );
    const fresh = new Set(inserted.map(({ tenant, id }) => `${tenant}.${id}`));
    const steps = asked
      .filter((placed) => fresh.has(idOf(placed)))
      .map(({ tenant, message: { at, task: body } }): TaskStep => {
        return { tenant, id: body.taskId as AggregateId, stage: 'requested', at };
      });
    await insertStages(sql, steps);
  }

  /** A task that has not been offered is over at once; for others the host is told. */
  private async takeCancel(sql: Sql, { tenant, host, message }: PlacedCancel): Promise<void> {
    const { taskId, at, by, reason } = message;
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

type Placed<Op extends TaskMessage['op']> = Omit<PlacedTaskMessage, 'message'> & {
  readonly message: Extract<TaskMessage, { op: Op }>;
};
type PlacedRequest = Placed<'request'>;
type PlacedCancel = Placed<'cancel'> & { readonly op: 'cancel' };
/** Requests that follow one another are taken in one statement. */
type Run = PlacedCancel | { readonly op: 'request'; readonly requests: PlacedRequest[] };

function runsOf(messages: readonly PlacedTaskMessage[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { message, ...place } of messages) {
    const last = runs.at(-1);
    if (message.op === 'cancel') runs.push({ ...place, message, op: 'cancel' });
    else if (last?.op === 'request') last.requests.push({ ...place, message });
    else runs.push({ op: 'request', requests: [{ ...place, message }] });
  }
  return runs;
}

const nameOf = ({ tenant, host }: TaskHost): string => `${tenant}.${host}`;
const idOf = ({ tenant, message }: PlacedRequest): string => `${tenant}.${message.task.taskId}`;
