import type { DataSource } from 'typeorm';
import type { RecordingPart } from '#lib/agent-protocol';
import type { Sql } from '#lib/platform';
import { sqlOf } from '../sql/sql.js';
import type { TaskHost } from './task-store.js';

/** What the parts of one tenant's recordings on their way may take together. */
export const MAX_PENDING_BYTES = 64 * 1024 * 1024;

/** The task of a host whose recording is on its way. */
export type RecordingTask = TaskHost & { readonly taskId: string };

/** SQL: the host's own task that records and is not over; the gateway's guess that it is too late is none. */
const AWAITED = `EXISTS (
  SELECT FROM task WHERE tenant = $1 AND id = $2 AND host = $3 AND kind = 'RecordMetrics'
     AND (ended_at IS NULL OR phase = 'expired'))`;

/** Keeps a part if somebody waits for it and there is room; the same part again changes nothing. */
export async function keepRecordingPart(
  sql: Sql,
  { tenant, host }: TaskHost,
  { data, part, taskId }: RecordingPart,
  receivedAt: string,
): Promise<void> {
  const content = Buffer.from(data, 'base64');
  await sql.query(
    `INSERT INTO recording_part (tenant, task_id, host, part, content, received_at)
     SELECT $1, $2, $3, $4::integer, $5::bytea, $6::timestamptz
      WHERE ${AWAITED} AND (
        SELECT coalesce(sum(octet_length(content)), 0) FROM recording_part WHERE tenant = $1) <= $7::bigint
     ON CONFLICT DO NOTHING`,
    [tenant, taskId, host, part, content, receivedAt, MAX_PENDING_BYTES - content.length],
  );
}

/** The task is over: what was on its way to it is of no use any more. */
export async function dropRecordingParts(sql: Sql, { host, taskId, tenant }: RecordingTask): Promise<void> {
  await sql.query('DELETE FROM recording_part WHERE tenant = $1 AND task_id = $2 AND host = $3', [
    ...[tenant, taskId, host],
  ]);
}

/** Recordings on their way, as far as they have come. */
export class RecordingParts {
  constructor(private readonly source: DataSource) {}

  /** True when the host has a task that records, and its result would count. */
  async isAwaited({ host, taskId, tenant }: RecordingTask): Promise<boolean> {
    const [row] = await sqlOf(this.source.manager).query<{ readonly awaited: boolean }>(
      `SELECT ${AWAITED} AS awaited`,
      [tenant, taskId, host],
    );
    return row?.awaited ?? false;
  }

  /** The contents of the first parts without a hole, in their order. */
  async read({ host, taskId, tenant }: RecordingTask): Promise<readonly Uint8Array[]> {
    const rows = await sqlOf(this.source.manager).query<{ readonly part: number; readonly content: Buffer }>(
      `SELECT part, content FROM recording_part
        WHERE tenant = $1 AND task_id = $2 AND host = $3 ORDER BY part`,
      [tenant, taskId, host],
    );
    return rows.filter(({ part }, index) => part === index).map(({ content }) => content);
  }

  /** Forgets recordings of which no part has come since `before`. */
  async dropAbandoned(before: string): Promise<void> {
    await sqlOf(this.source.manager).query(
      `DELETE FROM recording_part p USING (
         SELECT tenant, task_id FROM recording_part GROUP BY tenant, task_id HAVING max(received_at) < $1
       ) AS old WHERE p.tenant = old.tenant AND p.task_id = old.task_id`,
      [before],
    );
  }
}
