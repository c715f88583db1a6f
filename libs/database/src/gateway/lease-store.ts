import type { DataSource } from 'typeorm';
import type { Sql } from '#lib/platform';
import { inTransaction } from '../sql/sql.js';

/** A lease that is held. `epoch` is higher than that of every earlier holder. */
export interface HeldLease {
  readonly name: string;
  readonly epoch: number;
}

/** What a gateway holds after a round, and how much of it is more than its share. */
export interface LeaseRound {
  readonly held: readonly HeldLease[];
  readonly surplus: number;
}

/** Numbers one transaction lock, so that rounds of several gateways see each other's. */
const ROUNDS_LOCK = 4_715_001;
/** A gateway that has not been seen for so long is forgotten, seconds; it counts no more much earlier. */
const FORGET_AFTER_SECONDS = 3_600;

/**
 * Leases by which gateways share the hosts. They run on the database's clock: the clocks of two gateways need not
 * agree.
 */
export class LeaseStore {
  constructor(
    private readonly source: DataSource,
    private readonly owner: string,
    private readonly leaseSeconds: number,
  ) {}

  /**
   * Says that this gateway lives, renews what it holds, and takes what is free up to its share of `names`. What is
   * above the share is for the caller to give back with `release`.
   */
  round(names: readonly string[]): Promise<LeaseRound> {
    return inTransaction(this.source, async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock($1)', [ROUNDS_LOCK]);
      await sql.query(
        `INSERT INTO gateway_lease (name, epoch) SELECT name, 0 FROM unnest($1::text[]) AS u(name)
         ON CONFLICT DO NOTHING`,
        [names],
      );
      const share = Math.ceil(names.length / (await this.countGateways(sql)));
      const kept = await this.renew(sql);
      const taken = await this.take(sql, Math.max(0, share - kept.length));
      const held = [...kept, ...taken].map(({ name, epoch }) => ({ name, epoch: Number(epoch) }));
      return { held, surplus: Math.max(0, held.length - share) };
    });
  }

  /** Gives leases back; those that are not held any more are left alone. */
  async release(names: readonly string[]): Promise<void> {
    await inTransaction(this.source, (sql) => this.free(sql, names));
  }

  /** Gives everything back and counts no more. */
  async leave(): Promise<void> {
    await inTransaction(this.source, async (sql) => {
      await sql.query('UPDATE gateway_lease SET owner = NULL, lease_until = NULL WHERE owner = $1', [
        this.owner,
      ]);
      await sql.query('DELETE FROM gateway_member WHERE owner = $1', [this.owner]);
    });
  }

  private async free(sql: Sql, names: readonly string[]): Promise<void> {
    await sql.query(
      'UPDATE gateway_lease SET owner = NULL, lease_until = NULL WHERE owner = $1 AND name = ANY($2)',
      [this.owner, names],
    );
  }

  private async countGateways(sql: Sql): Promise<number> {
    await sql.query(
      `INSERT INTO gateway_member (owner, seen_until) VALUES ($1, ${this.leaseEnd})
       ON CONFLICT (owner) DO UPDATE SET seen_until = excluded.seen_until`,
      [this.owner],
    );
    await sql.query(
      `DELETE FROM gateway_member WHERE seen_until < clock_timestamp() - interval '${FORGET_AFTER_SECONDS} seconds'`,
    );
    const [row] = await sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM gateway_member WHERE seen_until >= clock_timestamp()',
    );
    return row?.count ?? 1;
  }

  /** What nobody else has taken meanwhile is still held, however late the renewal comes. */
  private renew(sql: Sql): Promise<readonly StoredLease[]> {
    return this.changed(sql, `SET lease_until = ${this.leaseEnd} WHERE owner = $1`, []);
  }

  /** An epoch grows even if an older database is put in its place: it is not below the time in ms. */
  private take(sql: Sql, atMost: number): Promise<readonly StoredLease[]> {
    return this.changed(
      sql,
      `SET owner = $1, lease_until = ${this.leaseEnd},
           epoch = GREATEST(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
       WHERE name IN (SELECT name FROM gateway_lease
                       WHERE owner IS NULL OR lease_until < clock_timestamp()
                       ORDER BY name LIMIT $2)`,
      [atMost],
    );
  }

  /** TypeORM answers an UPDATE with `[rows, count]`. */
  private async changed(sql: Sql, change: string, more: readonly unknown[]): Promise<readonly StoredLease[]> {
    const [rows] = (await sql.query(`UPDATE gateway_lease ${change} RETURNING name, epoch`, [
      this.owner,
      ...more,
    ])) as unknown as readonly [readonly StoredLease[], number];
    return rows;
  }

  private get leaseEnd(): string {
    return `clock_timestamp() + interval '${this.leaseSeconds} seconds'`;
  }
}

interface StoredLease {
  readonly name: string;
  readonly epoch: string;
}
