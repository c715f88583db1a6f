import type { DataSource } from 'typeorm';
import type { Position } from '#lib/events';
import type { Advance, Lease, ParkedCommit, ProjectionStore, Sql, ViewChange } from '#lib/platform';
import { inTransaction, type Transactor } from '../sql/sql.js';

/** Leases run on the database's clock: the clocks of two holders need not agree. */
const LEASE_SECONDS = 15;
/** A holder that freezes inside a transaction keeps the checkpoint locked; the server ends its session after this. */
const FROZEN_AFTER_SECONDS = 30;

/** Checkpoints, leases, parked aggregates and change log in Postgres. */
export class PostgresProjectionStore implements ProjectionStore {
  constructor(private readonly source: DataSource | Transactor) {}

  acquire(projection: string, owner: string): Promise<Lease | undefined> {
    return inTransaction(this.source, async (sql) => {
      await sql.query(
        `INSERT INTO projection_checkpoint (projection, position, epoch, updated_at)
         VALUES ($1, 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING`,
        [projection],
      );
      const [taken] = await updated<{ epoch: string; position: string }>(
        sql,
        `UPDATE projection_checkpoint
            SET owner = $2, epoch = epoch + 1, lease_until = ${leaseEnd}
          WHERE projection = $1
            AND (owner = $2 OR lease_until IS NULL OR lease_until < clock_timestamp())
        RETURNING epoch, position`,
        [projection, owner],
      );
      if (taken === undefined) return undefined;
      const { epoch, position } = taken;
      const parked = await parkedOf(sql, projection);
      return { projection, epoch: Number(epoch), position: Number(position) as Position, parked };
    });
  }

  renew({ projection, epoch }: Lease): Promise<boolean> {
    return this.holding(`lease_until = ${leaseEnd}`, [projection, epoch]);
  }

  async release({ projection, epoch }: Lease): Promise<void> {
    await this.holding('lease_until = NULL, owner = NULL', [projection, epoch]);
  }

  async advance(
    lease: Lease,
    to: Position,
    write: (sql: Sql) => Promise<Advance>,
  ): Promise<Advance | undefined> {
    try {
      return await inTransaction(this.source, async (sql) => {
        // First of all: the row lock keeps everybody else out, so change log ids of a view grow in commit order.
        await moveCheckpoint(sql, lease, to);
        const advance = await write(sql);
        await recordChanges(sql, advance.changes);
        await recordParked(sql, lease.projection, advance.parked);
        if (changesNothing(advance)) await sql.query('SET LOCAL synchronous_commit = off');
        return advance;
      });
    } catch (error) {
      if (error instanceof LeaseLost) return undefined;
      throw error;
    }
  }

  private async holding(change: string, holder: readonly unknown[]): Promise<boolean> {
    const rows = await inTransaction(this.source, (sql) =>
      updated(
        sql,
        `UPDATE projection_checkpoint SET ${change} WHERE projection = $1 AND epoch = $2 RETURNING epoch`,
        holder,
      ),
    );
    return rows.length > 0;
  }
}

/** Thrown to roll the transaction back. */
class LeaseLost extends Error {}

/** SQL: when a lease that is taken or renewed now expires. */
export const leaseEnd = `clock_timestamp() + interval '${LEASE_SECONDS} seconds'`;

async function moveCheckpoint(sql: Sql, { projection, position, epoch }: Lease, to: Position): Promise<void> {
  const moved = await updated(
    sql,
    `UPDATE projection_checkpoint
        SET position = $4, lease_until = ${leaseEnd}, updated_at = clock_timestamp()
      WHERE projection = $1 AND epoch = $2 AND position = $3
  RETURNING set_config('idle_in_transaction_session_timeout', '${FROZEN_AFTER_SECONDS}s', true)`,
    [projection, epoch, position, to],
  );
  if (moved.length === 0) throw new LeaseLost();
}

/**
 * Then only the checkpoint moves. Should the machine lose its power before the server has written that down, the same
 * commits are passed over once more; it is not worth waiting for the disk. With changes it is: a feed must never see
 * a number of the change log that is given out again.
 */
function changesNothing({ changes, parked }: Advance): boolean {
  return changes.length === 0 && parked.length === 0;
}

/** TypeORM answers an UPDATE with `[rows, count]`. */
async function updated<Row extends object>(
  sql: Sql,
  text: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const [rows] = (await sql.query(text, parameters)) as unknown as readonly [readonly Row[], number];
  return rows;
}

async function parkedOf(sql: Sql, projection: string): Promise<Lease['parked']> {
  const rows = await sql.query<{ subject: string; code: string; detail: string }>(
    'SELECT subject, code, detail FROM parked_aggregate WHERE projection = $1',
    [projection],
  );
  return new Map(rows.map(({ subject, code, detail }) => [subject, { code, detail }]));
}

async function recordChanges(sql: Sql, changes: readonly ViewChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql.query(
    `INSERT INTO change_log (tenant, view, key, position, at)
     SELECT tenant, view, key, position, clock_timestamp()
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS u(tenant, view, key, position)`,
    [
      changes.map(({ tenant }) => tenant),
      changes.map(({ view }) => view),
      changes.map(({ key }) => key),
      changes.map(({ position }) => position),
    ],
  );
}

/** The first commit gives row and reason; later ones only say how far the aggregate has fallen behind. */
async function recordParked(sql: Sql, projection: string, parked: readonly ParkedCommit[]): Promise<void> {
  for (const { subject, position, code, detail } of parked)
    await sql.query(
      `INSERT INTO parked_aggregate
         (projection, subject, position, last_position, commits, code, detail, parked_at)
       VALUES ($1, $2, $3, $3, 1, $4, $5, clock_timestamp())
       ON CONFLICT (projection, subject) DO UPDATE
         SET last_position = excluded.last_position, commits = parked_aggregate.commits + 1
       WHERE parked_aggregate.last_position < excluded.last_position`,
      [projection, subject, position, code, detail],
    );
}
