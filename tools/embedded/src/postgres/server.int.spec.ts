import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, startTestParts, type Postgres, type TestParts } from '../index.js';

let parts: TestParts<object>;
const running: Postgres[] = [];

const activeQueries =
  "SELECT pid FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND pid <> pg_backend_pid()";

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function start(name: string, port?: number): Promise<Postgres> {
  const options = { dir: join(parts.dir, name), log: () => undefined, survivesPowerLoss: false };
  const postgres = await startPostgres(port === undefined ? options : { ...options, port });
  running.push(postgres);
  return postgres;
}

describe('embedded Postgres', () => {
  beforeAll(async () => {
    parts = await startTestParts({});
  });

  afterAll(async () => {
    await Promise.all(running.map((postgres) => postgres.stop()));
    await parts.stop();
  });

  it('keeps committed rows over a fast stop with an open transaction, and over a kill', async () => {
    const first = await start('kept');
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS row');
    const lingering = new Client({ connectionString: first.url });
    lingering.on('error', () => undefined);
    await lingering.connect();
    await lingering.query('BEGIN; INSERT INTO kept VALUES (99)');

    expect(await first.stop()).toEqual({ code: 0, signal: null });
    const second = await start('kept', first.port);
    await query(second.url, 'INSERT INTO kept VALUES (2)');
    expect(await second.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    const third = await start('kept', first.port);

    expect(await query(third.url, 'SELECT row FROM kept ORDER BY row')).toEqual([{ row: 1 }, { row: 2 }]);
  });

  it('starts again while a query of the killed server is still ending', async () => {
    const first = await start('busy');
    const busy = new Client({ connectionString: first.url });
    busy.on('error', () => undefined);
    await busy.connect();
    // A running query does not notice that its server was killed; it holds the shared memory until it is done.
    const lastQuery = busy.query('SELECT count(*) FROM generate_series(1, 8000000) AS row WHERE row % 7 = 3');
    while ((await query(first.url, activeQueries)).length === 0);
    await first.kill();

    const second = await start('busy', first.port);

    await Promise.allSettled([lastQuery]);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('lets nobody in without its own password', async () => {
    const one = await start('one');
    const other = await start('other');
    const mixed = new URL(one.url);
    mixed.password = new URL(other.url).password;

    await expect(query(mixed.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('gives a test a database of its own on the server of DATABASE_URL, and takes it away again', async () => {
    const server = await start('shared');
    process.env['DATABASE_URL'] = server.url;
    const scratch = await startTestParts({ postgres: true });
    delete process.env['DATABASE_URL'];
    await query(scratch.postgres.url, 'CREATE TABLE only_here (id int)');
    await scratch.stop();

    expect(new URL(scratch.postgres.url).host).toBe(new URL(server.url).host);
    await expect(query(scratch.postgres.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
    await expect(query(server.url, 'SELECT * FROM only_here')).rejects.toMatchObject({ code: '42P01' });
  });

  it('runs in a folder that only its owner can enter', async () => {
    await mkdir(join(parts.dir, 'closed'), { mode: 0o700 });
    const server = await start('closed/server');

    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
