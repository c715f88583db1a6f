import { inTransaction, metricCursor, metricGap, metricWindow, readRows, upsert } from '#lib/database';
import type { MetricGap, MetricWindow } from '#lib/database';
import { decodeWindowMessage, type WindowMessage } from '#lib/metering';
import type { Sql } from '#lib/platform';
import type { Database } from '../shared/database.js';
import type { Numbered } from './incoming-window.js';
import { isNewer, type Telling } from './newer-window.js';
import { NOTHING_YET, type Gap, type Numbering } from './numbering.js';

/** Another analyzer has moved the cursor; nothing was written. */
export class CursorMoved extends Error {
  override readonly name = 'CursorMoved';
}

export type GapKey = Pick<MetricGap, 'tenant' | 'host' | 'epoch' | 'fromN'>;

/** A window with what decides whether it replaces another. */
export type StoredWindow = { readonly row: MetricWindow; readonly message: WindowMessage };

/** What one batch of METRICS leaves behind. */
export type WindowBatch = {
  readonly windows: readonly StoredWindow[];
  readonly openedGaps: readonly MetricGap[];
  readonly closedGaps: readonly GapKey[];
  /** Stream sequences: the batch goes on behind `after` and ends with `last`. */
  readonly after: number;
  readonly last: number;
  readonly at: string;
};

/** The first version reads all shards in one go; its cursor stands under the first shard. */
const SHARD = 0;

/** Windows, gaps and the place in METRICS, always written together. */
export class WindowStore {
  constructor(private readonly source: Database) {}

  /** Sequence of the last message that is in the rows. */
  async position(): Promise<number> {
    const row = await this.source.getRepository(metricCursor).findOneBy({ shard: SHARD });
    return row?.seq ?? 0;
  }

  async numberingOf({ tenant, host, epoch }: Omit<Numbered, 'n'>): Promise<Numbering> {
    const [row] = await this.source.manager.query<{ readonly n: string | null }[]>(
      `SELECT max(n) AS n FROM (
         SELECT n FROM metric_window WHERE tenant = $1 AND host = $2 AND epoch = $3
         UNION ALL SELECT to_n FROM metric_gap WHERE tenant = $1 AND host = $2 AND epoch = $3
       ) AS known`,
      [tenant, host, epoch],
    );
    const gaps = await this.source.getRepository(metricGap).findBy({ tenant, host, epoch });
    return {
      highWater: Math.max(NOTHING_YET.highWater, Number(row?.n ?? 0)),
      // The column is text; this app alone writes it.
      gaps: gaps.map(({ fromN, toN, reason }) => ({ fromN, toN, reason }) as Gap),
    };
  }

  /** The newest window of every host, for a start. */
  async newestWindows(): Promise<readonly StoredWindow[]> {
    const rows = await this.source
      .getRepository(metricWindow)
      .createQueryBuilder('w')
      .distinctOn(['w.tenant', 'w.host'])
      .orderBy('w.tenant', 'ASC')
      .addOrderBy('w.host', 'ASC')
      .addOrderBy('w.start', 'DESC')
      .getMany();
    return rows.map((row) => ({ row, message: decodeWindowMessage(row.payload) }));
  }

  /**
   * Writes a batch in one transaction with the cursor.
   * @returns the windows that were new or replaced an older telling
   * @throws CursorMoved
   */
  write(batch: WindowBatch): Promise<readonly StoredWindow[]> {
    return inTransaction(this.source, async (sql) => {
      await moveCursor(sql, batch);
      const windows = await newOnes(sql, newestOfEach(batch.windows));
      await upsert(
        sql,
        metricWindow,
        windows.map(({ row }) => row),
        { existing: 'replace' },
      );
      await closeGaps(sql, batch.closedGaps);
      await upsert(sql, metricGap, batch.openedGaps, { existing: 'replace' });
      return windows;
    });
  }

  /** Forgets windows that nobody makes a block of any more; the newest of each host keeps the numbering known. */
  async forgetBefore(time: string): Promise<void> {
    await this.source.manager.query(
      `DELETE FROM metric_window AS old WHERE old.start < $1 AND EXISTS (
         SELECT 1 FROM metric_window AS newer
          WHERE newer.tenant = old.tenant AND newer.host = old.host AND newer.start > old.start)`,
      [time],
    );
  }
}

async function moveCursor(sql: Sql, { after, last, at }: WindowBatch): Promise<void> {
  if (after === 0)
    await upsert(sql, metricCursor, [{ shard: SHARD, seq: 0, updatedAt: at }], { existing: 'keep' });
  const moved = await sql.query(
    `WITH moved AS (
       UPDATE metric_cursor SET seq = $2, updated_at = $3 WHERE shard = $1 AND seq = $4 RETURNING shard
     ) SELECT shard FROM moved`,
    [SHARD, last, at, after],
  );
  if (moved.length === 0) throw new CursorMoved(`METRICS is no longer at ${after}`);
}

const keyOf = ({ tenant, host, start }: MetricWindow): string => `${tenant} ${host} ${start}`;

function newestOfEach(windows: readonly StoredWindow[]): readonly StoredWindow[] {
  const newest = new Map<string, StoredWindow>();
  for (const window of windows) {
    const known = newest.get(keyOf(window.row));
    if (known === undefined || isNewer(tellingOf(window), tellingOf(known)))
      newest.set(keyOf(window.row), window);
  }
  return [...newest.values()];
}

async function newOnes(sql: Sql, windows: readonly StoredWindow[]): Promise<readonly StoredWindow[]> {
  const keys = windows.map(({ row: { tenant, host, start } }) => ({ tenant, host, start }));
  const rows = await readRows(sql, metricWindow, keys);
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  return windows.filter((window) => {
    const row = known.get(keyOf(window.row));
    return (
      row === undefined ||
      isNewer(tellingOf(window), tellingOf({ row, message: decodeWindowMessage(row.payload) }))
    );
  });
}

function tellingOf({ row: { epoch, n, payload }, message: { closedAt } }: StoredWindow): Telling {
  return { closedAt, epoch, n, payload };
}

async function closeGaps(sql: Sql, gaps: readonly GapKey[]): Promise<void> {
  if (gaps.length === 0) return;
  await sql.query(
    `DELETE FROM metric_gap AS gap
      USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS closed(tenant, host, epoch, from_n)
      WHERE (gap.tenant, gap.host, gap.epoch, gap.from_n)
          = (closed.tenant, closed.host, closed.epoch, closed.from_n)`,
    [
      gaps.map(({ tenant }) => tenant),
      gaps.map(({ host }) => host),
      gaps.map(({ epoch }) => epoch),
      gaps.map(({ fromN }) => fromN),
    ],
  );
}
