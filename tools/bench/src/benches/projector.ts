import {
  connectDataSource,
  experimentHistory,
  experimentView,
  inTransaction,
  rowFrom,
  upsert,
  upsertForward,
  type ExperimentHistoryEntry,
  type ExperimentView,
  type Table,
} from '#lib/database';
import type { AggregateId, Commit, ExperimentSpec, HostId, TenantId } from '#lib/events';
import { NO_POSITION } from '#lib/events';
import { commandIdFrom, JetStreamEventStore, type Nats } from '#lib/platform';
import { bench } from '../harness/bench.js';
import { alternate, inLanes, ratePerSecond } from '../harness/rounds.js';
import { growthRate, startApp } from '../parts/app.js';
import { withHubAndDatabase, type HubParts } from '../parts/hub.js';

const LANES = 250;
const COMMITS_EACH = 40;
const COMMITS = LANES * COMMITS_EACH;
/** One in the view, one in the history. */
const ROWS_PER_COMMIT = 2;
/** As many commits as the projector takes in one transaction. */
const BATCH = 500;
const ROUNDS = 3;

type Parts = HubParts & { readonly databaseUrl: string };
type Database = Awaited<ReturnType<typeof connectDataSource>>;
type Rows = { readonly view: readonly ExperimentView[]; readonly history: readonly ExperimentHistoryEntry[] };

/** How much of what the database takes is left for rows that follow from commits. */
export const projectorBench = bench({
  metrics: {
    'projector.rows': {
      unit: 'rows/s',
      goal: { kind: 'ratio', atLeast: 0.6 },
      what: `The projector app, all its projections running, catching up with ${COMMITS} new experiments, against bare batched unnest upserts of the same rows of view and history.`,
    },
  },
  run: () =>
    withHubAndDatabase(async (parts) => {
      await appendDrafts(parts.nats);
      const database = await connectDataSource(parts.databaseUrl, { warn: () => undefined });
      try {
        await projected(parts, database);
        const rows = {
          view: await allRows(database, experimentView),
          history: await allRows(database, experimentHistory),
        };
        const contest = {
          subject: () => projected(parts, database),
          ceiling: () => upserted(database, rows),
        };
        return { 'projector.rows': await alternate(contest, ROUNDS) };
      } finally {
        await database.destroy();
      }
    }),
});

async function projected(parts: Parts, database: Database): Promise<number> {
  await empty(database);
  const app = await startApp('projector', parts);
  try {
    return await growthRate(() => checkpoint(database), { end: COMMITS, scale: ROWS_PER_COMMIT });
  } finally {
    await app.stop();
  }
}

async function upserted(database: Database, { view, history }: Rows): Promise<number> {
  await empty(database);
  return ratePerSecond(view.length + history.length, async () => {
    for (let at = 0; at < COMMITS; at += BATCH)
      await inTransaction(database, async (sql) => {
        await upsertForward(sql, experimentView, view.slice(at, at + BATCH));
        await upsert(sql, experimentHistory, history.slice(at, at + BATCH), { existing: 'keep' });
      });
  });
}

async function empty(database: Database): Promise<void> {
  await database.query(
    'TRUNCATE experiment_view, experiment_history, change_log, parked_aggregate, projection_checkpoint',
  );
}

async function checkpoint(database: Database): Promise<number> {
  const [row] = await database.query<{ position: string }[]>(
    "SELECT position FROM projection_checkpoint WHERE projection = 'experiments'",
  );
  return Number(row?.position ?? 0);
}

/** @throws Error unless every commit became a row */
async function allRows<Row extends object>(database: Database, table: Table<Row>): Promise<readonly Row[]> {
  const raw = await database.query<Record<string, unknown>[]>(
    `SELECT * FROM ${table.tableName} ORDER BY position`,
  );
  if (raw.length !== COMMITS)
    throw new Error(`${raw.length} rows of ${COMMITS} commits in ${table.tableName}`);
  return raw.map((row) => rowFrom(table, row));
}

async function appendDrafts(nats: Nats): Promise<void> {
  const store = new JetStreamEventStore(nats);
  await inLanes(LANES, COMMITS_EACH, (lane, n) => store.append(draft(`e-${lane}-${n}`), NO_POSITION));
}

function draft(id: string): Commit<'experiment'> {
  return {
    tenant: 'default' as TenantId,
    aggregate: 'experiment',
    id: id as AggregateId,
    commandId: commandIdFrom('bench', id),
    actor: { kind: 'user', id: 'bench' },
    at,
    events: [{ type: 'ExperimentDrafted', data: { at, spec } }],
  };
}

const at = '2026-01-01T00:00:00.000Z';
const spec: ExperimentSpec = {
  name: 'Top 20 processes on web hosts',
  baseline: { kind: 'template', template: 'baseline', parameters: {} },
  candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
  targets: { hosts: ['web-1' as HostId] },
  schedule: { warmupSeconds: 60, minimumSeconds: 600, maximumSeconds: 3600, deploySeconds: 300 },
  criticalProcesses: ['nginx', 'postgres'],
  guardrails: [{ kpi: 'criticalCoverage', margin: 0 }],
  success: { kpi: 'activeSeries', minimumReduction: 0.2 },
  confidence: 0.95,
  tariff: 'grafana-cloud-pro',
};
