import {
  connectDataSource,
  inTransaction,
  metricWindow,
  rowFrom,
  upsert,
  type MetricWindow,
} from '#lib/database';
import { hostSubjects, OUTBOX_HEADERS } from '#lib/agent-protocol';
import { encodeWindowMessage } from '#lib/metering';
import type { Nats } from '#lib/platform';
import { bench } from '../harness/bench.js';
import { alternate, inLanes, ratePerSecond } from '../harness/rounds.js';
import { earlier, meteredWindow } from '../load/windows.js';
import { growthRate, startApp } from '../parts/app.js';
import { withHubAndDatabase, type HubParts } from '../parts/hub.js';

const HOSTS = 100;
const WINDOWS_EACH = 50;
const WINDOWS = HOSTS * WINDOWS_EACH;
/** As many as the analyzer takes in one transaction. */
const BATCH = 64;
const ROUNDS = 3;

type Parts = HubParts & { readonly databaseUrl: string };
type Database = Awaited<ReturnType<typeof connectDataSource>>;

/** How fast windows become rows. */
export const analyzerBench = bench({
  metrics: {
    'analyzer.windows': {
      unit: 'windows/s',
      goal: { kind: 'reported' },
      what: `The analyzer app catching up with ${WINDOWS} windows of ${HOSTS} hosts, against bare batched inserts of the same rows.`,
    },
  },
  run: () =>
    withHubAndDatabase(async (parts) => {
      await publishWindows(parts.nats);
      const database = await connectDataSource(parts.databaseUrl, { warn: () => undefined });
      try {
        await ingested(parts, database);
        const rows = await windowRows(database);
        const contest = {
          subject: () => ingested(parts, database),
          ceiling: () => inserted(database, rows),
        };
        return { 'analyzer.windows': await alternate(contest, ROUNDS) };
      } finally {
        await database.destroy();
      }
    }),
});

async function ingested(parts: Parts, database: Database): Promise<number> {
  await empty(database);
  const app = await startApp('analyzer', parts);
  try {
    return await growthRate(() => cursor(database), { end: WINDOWS, scale: 1 });
  } finally {
    await app.stop();
  }
}

async function inserted(database: Database, rows: readonly MetricWindow[]): Promise<number> {
  await empty(database);
  return ratePerSecond(rows.length, async () => {
    for (let at = 0; at < rows.length; at += BATCH)
      await inTransaction(database, (sql) =>
        upsert(sql, metricWindow, rows.slice(at, at + BATCH), { existing: 'keep' }),
      );
  });
}

async function empty(database: Database): Promise<void> {
  await database.query('TRUNCATE metric_window, metric_cursor, metric_gap');
}

async function cursor(database: Database): Promise<number> {
  const [row] = await database.query<{ seq: string }[]>('SELECT max(seq) AS seq FROM metric_cursor');
  return Number(row?.seq ?? 0);
}

/** @throws Error unless every window that was published became a row */
async function windowRows(database: Database): Promise<readonly MetricWindow[]> {
  const raw = await database.query<Record<string, unknown>[]>('SELECT * FROM metric_window');
  if (raw.length !== WINDOWS) throw new Error(`${raw.length} rows of ${WINDOWS} windows`);
  return raw.map((row) => rowFrom(metricWindow, row));
}

async function publishWindows(nats: Nats): Promise<void> {
  const window = meteredWindow();
  await inLanes(HOSTS, WINDOWS_EACH, (lane, i) => {
    const host = `h-${lane}`;
    const payload = encodeWindowMessage(earlier(window, host, WINDOWS_EACH - i));
    const headers = {
      [OUTBOX_HEADERS.epoch]: 'bench',
      [OUTBOX_HEADERS.n]: String(i + 1),
      [OUTBOX_HEADERS.lane]: 'metrics',
    };
    return nats.publisher.publish(hostSubjects('default', host).metrics, payload, { headers });
  });
}
