import type { DataSource } from 'typeorm';
import { finalTaskPhases, type HostId, type TaskPhase, type TenantId } from '#lib/events';
import { task, type TaskRow } from '../tables/task.table.js';
import { TASKS_READER, uplinkPosition } from '../tables/uplink.table.js';
import { rowFrom, upsert } from '../sql/upsert.js';
import { inTransaction, sqlOf } from '../sql/sql.js';
import { takeMessages, type PlacedTaskMessage, type TaskToHandOver } from './task-intake.js';
import { lockTaskStages, writeTaskSteps, type TaskStep } from './task-steps.js';

/** Where a task goes. */
export interface TaskHost {
  readonly tenant: TenantId;
  readonly host: HostId;
}

/**
 * SQL: the task has yet to reach its host, or the wish to take it back has. A host that knows of that wish never needs
 * the task.
 */
const UNDELIVERED = `(phase IN ('requested', 'offered') AND cancel = 'none' OR cancel = 'requested')
  AND NOT phase = ANY($1)`;

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

  /**
   * In one transaction: what the messages ask for, in their order, and the place in the stream.
   * @param offerNow requests that the caller hands over as soon as this has returned, so they are written as offered
   * @returns those of them that are new; somebody else has the others already
   */
  take(
    messages: readonly PlacedTaskMessage[],
    sequence: number,
    offerNow: ReadonlySet<PlacedTaskMessage> = new Set(),
  ): Promise<readonly TaskToHandOver[]> {
    return inTransaction(this.source, async (sql) => {
      await lockTaskStages(sql);
      const offered = await takeMessages(sql, messages, { requests: offerNow, at: this.now() });
      const row = { reader: TASKS_READER, sequence, updatedAt: this.now() };
      await upsert(sql, uplinkPosition, [row], { existing: 'replace-older', by: 'sequence' });
      return offered;
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
      `SELECT * FROM task WHERE ended_at IS NULL AND deadline < $1 ORDER BY deadline LIMIT $2`,
      [at, limit],
    );
    return rows.map((raw) => rowFrom(task, raw));
  }
}

const nameOf = ({ tenant, host }: TaskHost): string => `${tenant}.${host}`;
