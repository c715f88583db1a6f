import type { DataSource } from 'typeorm';
import type { UplinkMessage } from '#lib/agent-protocol';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import type { Sql } from '#lib/platform';
import { hostAttempt } from '../tables/order.table.js';
import { outboxGap, uplinkCursor, uplinkPosition } from '../tables/uplink.table.js';
import { upsert } from '../sql/upsert.js';
import { inTransaction, sqlOf } from '../sql/sql.js';
import { attemptRow } from './order-store.js';
import { dropRecordingParts, keepRecordingPart } from './recording-parts.js';
import type { TaskHost } from './task-store.js';
import { writeTaskSteps, type TaskStep } from './task-steps.js';

const READER = 'agent-gateway';
const LANE = 'results';

/** A host's message with its number in the host's outbox. */
export interface NumberedUplink {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly epoch: string;
  readonly n: number;
  readonly message: UplinkMessage;
}

/** What the gateway has taken from the uplink: ledger, gaps, high-water marks and its place in the stream. */
export class UplinkStore {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => string,
  ) {}

  async position(): Promise<number> {
    const row = await this.source.getRepository(uplinkPosition).findOneBy({ reader: READER });
    return row?.sequence ?? 0;
  }

  async highWater({
    tenant,
    host,
    epoch,
  }: Pick<NumberedUplink, 'tenant' | 'host' | 'epoch'>): Promise<number> {
    const row = await this.source.getRepository(uplinkCursor).findOneBy({ tenant, host, lane: LANE, epoch });
    return row?.n ?? 0;
  }

  /** In one transaction: the message's own row, a hole before it, and the high-water mark. */
  record(uplink: NumberedUplink, missingFrom: number | undefined): Promise<void> {
    const { tenant, host, epoch, n } = uplink;
    return inTransaction(this.source, async (sql) => {
      await writeMessage(sql, uplink, this.now());
      if (missingFrom !== undefined) {
        const gap = { tenant, host, epoch, fromN: missingFrom, toN: n - 1, at: this.now() };
        await upsert(sql, outboxGap, [gap], { existing: 'keep' });
      }
      const cursor = { tenant, host, lane: LANE, epoch, n, updatedAt: this.now() } as const;
      await upsert(sql, uplinkCursor, [cursor], { existing: 'replace-older', by: 'n' });
    });
  }

  /**
   * Moves the position; a lower one changes nothing. Not part of a record: all hosts would wait for this one row, and
   * the high-water marks alone decide what counts.
   */
  moveTo(sequence: number): Promise<void> {
    const sql = sqlOf(this.source.manager);
    const row = { reader: READER, sequence, updatedAt: this.now() };
    return upsert(sql, uplinkPosition, [row], { existing: 'replace-older', by: 'sequence' });
  }
}

async function writeMessage(
  sql: Sql,
  { tenant, host, epoch, message }: NumberedUplink,
  now: string,
): Promise<void> {
  switch (message.kind) {
    case 'attempt': {
      const experimentId = await experimentOf(sql, tenant, host, message.taskId);
      const row = attemptRow({ tenant, host, experimentId }, message);
      return upsert(sql, hostAttempt, [row], { existing: 'keep' });
    }
    case 'outbox-gap': {
      const { fromN, toN, at } = message;
      return upsert(sql, outboxGap, [{ tenant, host, epoch, fromN, toN, at }], { existing: 'keep' });
    }
    case 'task-progress': {
      const { taskId, at, note } = message;
      return writeReport(sql, { tenant, host }, { id: taskId, stage: 'running', at, detail: note });
    }
    case 'task-result': {
      const { taskId, at, outcome, detail } = message;
      await dropRecordingParts(sql, { tenant, host, taskId });
      return writeReport(sql, { tenant, host }, { id: taskId, stage: outcome, at, detail });
    }
    case 'recording-part':
      return keepRecordingPart(sql, { tenant, host }, message, now);
  }
}

/** A host reports on its own tasks; what it says of another host's is nobody's. */
async function writeReport(
  sql: Sql,
  { tenant, host }: TaskHost,
  step: Omit<TaskStep, 'tenant' | 'id'> & { readonly id: string },
): Promise<void> {
  const id = step.id as AggregateId;
  const own = await sql.query<object>('SELECT id FROM task WHERE tenant = $1 AND id = $2 AND host = $3', [
    ...[tenant, id, host],
  ]);
  if (own.length > 0) await writeTaskSteps(sql, [{ ...step, tenant, id }]);
}

/** The experiment that an order belonged to, as it was written when the order was offered. */
async function experimentOf(
  sql: Sql,
  tenant: TenantId,
  host: HostId,
  taskId: string,
): Promise<string | null> {
  const [row] = await sql.query<{ readonly experiment_id: string | null }>(
    `SELECT experiment_id FROM host_attempt
      WHERE tenant = $1 AND host = $2 AND task_id = $3 AND stage = 'offered' LIMIT 1`,
    [tenant, host, taskId],
  );
  return row?.experiment_id ?? null;
}
