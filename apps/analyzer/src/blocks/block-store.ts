import { inTransaction, kpiBlock, kpiBlocks, kpiChange, metricWindow, upsert } from '#lib/database';
import type { HostId } from '#lib/events';
import { decodeWindowMessage, type Block, type BlockSpan, type WindowMessage } from '#lib/metering';
import { endOf, type BlockGrid } from '../shared/block-grid.js';
import type { Database } from '../shared/database.js';
import type { ExperimentKey } from '../shared/experiment-book.js';

/** A span in which some host has windows that came after its block was made. */
export type StaleBlock = { readonly host: HostId; readonly start: number };

/** Windows in, blocks out. */
export class BlockStore {
  constructor(private readonly source: Database) {}

  /** The windows of a host that belong to the experiment and start within the span. */
  async windows(
    { tenant, id }: ExperimentKey,
    host: HostId,
    span: BlockSpan,
  ): Promise<readonly WindowMessage[]> {
    const rows = await this.source
      .getRepository(metricWindow)
      .createQueryBuilder('w')
      .where('w.tenant = :tenant AND w.host = :host AND w.experimentId = :id', { tenant, host, id })
      .andWhere('w.start >= :from AND w.start < :to', { from: iso(span.start), to: iso(endOf(span)) })
      .getMany();
    return rows.map(({ payload }) => decodeWindowMessage(payload));
  }

  /** Until when (ms since the epoch) the whole blocks of each host are made. They are made in order. */
  async madeUntil({ tenant, id }: ExperimentKey, grid: BlockGrid): Promise<ReadonlyMap<HostId, number>> {
    const rows = await this.source.manager.query<{ readonly host: HostId; readonly last: Date }[]>(
      `SELECT host, max(start) AS last FROM kpi_block
        WHERE tenant = $1 AND experiment_id = $2 AND start >= $3 AND seconds = $4 GROUP BY host`,
      [tenant, id, iso(grid.begin), grid.seconds],
    );
    return new Map(rows.map(({ host, last }) => [host, last.getTime() + grid.seconds * 1000]));
  }

  /** Blocks that miss windows: the process ended between writing those and making the block anew. */
  async stale({ tenant, id }: ExperimentKey, grid: BlockGrid): Promise<readonly StaleBlock[]> {
    const rows = await this.source.manager.query<{ readonly host: HostId; readonly start: Date }[]>(
      `SELECT DISTINCT b.host, b.start FROM kpi_block AS b JOIN metric_window AS w
          ON w.tenant = b.tenant AND w.host = b.host AND w.experiment_id = b.experiment_id
         AND w.start >= b.start AND w.start < b.start + b.seconds * interval '1 second'
        WHERE b.tenant = $1 AND b.experiment_id = $2 AND b.start >= $3 AND w.received_at >= b.updated_at`,
      [tenant, id, iso(grid.begin)],
    );
    return rows.map(({ host, start }) => ({ host, start: start.getTime() }));
  }

  /** Writes blocks and rings the change for feeds, in one transaction. `at`: before their windows were read. */
  write({ tenant, id }: ExperimentKey, blocks: readonly Block[], at: string): Promise<void> {
    const rows = blocks.map((block) => ({
      ...{ tenant, experimentId: id, host: block.host as HostId, start: iso(block.start) },
      ...{ seconds: block.seconds, block, updatedAt: at },
    }));
    return inTransaction(this.source, async (sql) => {
      await upsert(sql, kpiBlock, rows, { existing: 'replace' });
      await sql.query(`INSERT INTO ${kpiChange.tableName} (tenant, experiment_id, at) VALUES ($1, $2, $3)`, [
        ...[tenant, id, at],
      ]);
    });
  }

  /** A pause discards the measurement before it. */
  async discardBefore({ tenant, id }: ExperimentKey, grid: BlockGrid): Promise<void> {
    await this.source.manager.query(
      'DELETE FROM kpi_block WHERE tenant = $1 AND experiment_id = $2 AND start < $3',
      [tenant, id, iso(grid.begin)],
    );
  }

  async blocks({ tenant, id }: ExperimentKey): Promise<readonly Block[]> {
    const rows = await kpiBlocks(this.source, tenant, id);
    // This app alone writes the column, from `mergeBlock`.
    return rows.map(({ block }) => block as Block);
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
