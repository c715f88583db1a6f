import type { DataSource } from 'typeorm';
import type { StoredCommit } from '#lib/events';
import {
  ProjectionRunner,
  systemClock,
  type Projection,
  type ProjectionStore,
  type Sql,
} from '#lib/platform';
import { PostgresProjectionStore } from '../projection/projection-store.js';
import type { CommitLog } from './commit-log.js';

export const TALLY_TABLE = `CREATE TABLE tally (ordinal bigserial, position bigint, aggregate_id text, name text)`;

/**
 * Writes one line for each commit and, on purpose, has no key and no guard: whatever the runner does twice or not at
 * all shows. `before` runs inside the transaction, after the lines were written.
 */
export function tallyProjection(
  disturb: (sql: Sql, commits: readonly StoredCommit[]) => Promise<void> = () => Promise.resolve(),
): Projection {
  return {
    name: 'tally',
    aggregates: ['pipeline'],
    tables: ['tally'],
    apply: async (sql, commits) => {
      for (const commit of commits) {
        const [event] = commit.events;
        const name = event?.type === 'PipelineCreated' ? event.data.name : '';
        await sql.query('INSERT INTO tally (position, aggregate_id, name) VALUES ($1, $2, $3)', [
          commit.position,
          commit.id,
          name,
        ]);
      }
      await disturb(sql, commits);
      return commits.map(({ tenant, id, position }) => ({ tenant, view: 'tally', key: id, position }));
    },
  };
}

/** Positions in the order in which they were written. */
export async function tallied(source: DataSource): Promise<readonly number[]> {
  const rows = await source.query<{ position: string }[]>('SELECT position FROM tally ORDER BY ordinal');
  return rows.map(({ position }) => Number(position));
}

/** A runner over a commit log; nothing listens to its doorbell unless told. */
export function runnerOf(
  source: DataSource,
  log: CommitLog,
  options: {
    readonly owner: string;
    readonly projection?: Projection;
    readonly store?: ProjectionStore;
    readonly doorbell?: () => void;
  },
): ProjectionRunner {
  const { owner, projection = tallyProjection(), store = new PostgresProjectionStore(source) } = options;
  const silent = () => undefined;
  return new ProjectionRunner({
    projection,
    source: log,
    store,
    clock: systemClock,
    owner,
    doorbell: options.doorbell ?? silent,
    log: { info: silent, warn: silent, error: silent },
  });
}
