import type { DataSource, QueryRunner } from 'typeorm';
import type { Position } from '#lib/events';
import type { Lease, Projection, RebuildSession, Sql } from '#lib/platform';
import { inTransaction } from '../sql/sql.js';
import { leaseEnd, PostgresProjectionStore } from './projection-store.js';

/** Where the live tables are; a temporary table of the same name hides them from unqualified statements. */
const LIVE = 'public';
/** Tables that every projection shares; its own part is told by the projection's name. */
const SHARED = ['projection_checkpoint', 'parked_aggregate', 'change_log'] as const;

/**
 * Rebuilds in temporary tables of one connection, so that the projection's own statements go to them unchanged and a
 * rebuild that dies leaves nothing behind.
 */
export class PostgresRebuildSession extends PostgresProjectionStore implements RebuildSession {
  private constructor(
    private readonly projection: Projection,
    private readonly runner: QueryRunner,
  ) {
    super(runner.manager);
  }

  /** @throws TypeError when the projection has no tables, as its effects are not rows */
  static async open(source: DataSource, projection: Projection): Promise<PostgresRebuildSession> {
    if (projection.tables.length === 0) throw new TypeError(`${projection.name} has no tables to rebuild`);
    const session = new PostgresRebuildSession(projection, source.createQueryRunner());
    try {
      for (const table of session.tables)
        await session.runner.query(`CREATE TEMPORARY TABLE ${table} (LIKE ${LIVE}.${table} INCLUDING ALL)`);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  swap(lease: Lease): Promise<Position | undefined> {
    return inTransaction(this.runner.manager, async (sql) => {
      const live = await lockLiveCheckpoint(sql, lease.projection);
      if (live > lease.position) {
        await takeLiveLease(sql, lease.projection);
        return live;
      }
      for (const table of this.projection.tables) await replaceRows(sql, table);
      await replaceParked(sql, lease.projection);
      await announce(sql);
      await sql.query(
        `UPDATE ${LIVE}.projection_checkpoint
            SET position = $2, epoch = epoch + 1, owner = NULL, lease_until = NULL, updated_at = clock_timestamp()
          WHERE projection = $1`,
        [lease.projection, lease.position],
      );
      return undefined;
    });
  }

  async close(): Promise<void> {
    try {
      // The pool keeps the connection open, and with it the temporary tables.
      for (const table of this.tables) await this.runner.query(`DROP TABLE IF EXISTS pg_temp.${table}`);
    } finally {
      await this.runner.release();
    }
  }

  private get tables(): readonly string[] {
    return [...this.projection.tables, ...SHARED];
  }
}

/** Keeps the live runner from committing until the end of the transaction. @returns the live checkpoint */
async function lockLiveCheckpoint(sql: Sql, projection: string): Promise<Position> {
  await sql.query(
    `INSERT INTO ${LIVE}.projection_checkpoint (projection, position, epoch, updated_at)
     VALUES ($1, 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING`,
    [projection],
  );
  const [row] = await sql.query<{ position: string }>(
    `SELECT position FROM ${LIVE}.projection_checkpoint WHERE projection = $1 FOR UPDATE`,
    [projection],
  );
  return Number(row?.position ?? 0) as Position;
}

/**
 * Lets the live rows stand still for the last stretch, or a busy stream would keep them ahead for ever. Like any lease
 * it expires, should the rebuild die now.
 */
async function takeLiveLease(sql: Sql, projection: string): Promise<void> {
  await sql.query(
    `UPDATE ${LIVE}.projection_checkpoint
        SET epoch = epoch + 1, owner = 'rebuild', lease_until = ${leaseEnd} WHERE projection = $1`,
    [projection],
  );
}

/** Every row that the rebuild wrote may differ from what a feed has shown, so each is told once more. */
async function announce(sql: Sql): Promise<void> {
  await sql.query(
    `INSERT INTO ${LIVE}.change_log (tenant, view, key, position, at)
     SELECT tenant, view, key, max(position), clock_timestamp() FROM pg_temp.change_log
      GROUP BY tenant, view, key ORDER BY max(position)`,
  );
}

/** DELETE, not TRUNCATE: readers keep the old rows until the commit and never wait. */
async function replaceRows(sql: Sql, table: string): Promise<void> {
  await sql.query(`DELETE FROM ${LIVE}.${table}`);
  await sql.query(`INSERT INTO ${LIVE}.${table} SELECT * FROM pg_temp.${table}`);
}

async function replaceParked(sql: Sql, projection: string): Promise<void> {
  await sql.query(`DELETE FROM ${LIVE}.parked_aggregate WHERE projection = $1`, [projection]);
  await sql.query(`INSERT INTO ${LIVE}.parked_aggregate SELECT * FROM pg_temp.parked_aggregate`);
}
