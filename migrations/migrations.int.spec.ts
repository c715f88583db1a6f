import { createDataSource, MIGRATIONS_TABLE, tables } from '#lib/database';
import { startTestParts } from '#tools/embedded';
import { migrateDown, migrateUp, migrationStatus } from '#tools/migrate';
import { migrations } from './index.js';

type Source = ReturnType<typeof createDataSource>;

describe('the migrations', () => {
  let parts: Awaited<ReturnType<typeof startTestParts<{ postgres: true }>>>;
  let source: Source;

  beforeAll(async () => {
    parts = await startTestParts({ postgres: true });
    source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
  });
  afterAll(async () => {
    await source.destroy();
    await parts.stop();
  });

  const names = migrations.map(({ name }) => name);
  const tablesInDatabase = async (): Promise<readonly string[]> => {
    const rows = await source.query<{ name: string }[]>(
      `SELECT table_name AS name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_name <> $1`,
      [MIGRATIONS_TABLE],
    );
    return rows.map(({ name }) => name).sort();
  };
  const sequencesInDatabase = () =>
    source.query<unknown[]>(
      `SELECT sequence_name FROM information_schema.sequences WHERE sequence_name NOT LIKE $1`,
      [`${MIGRATIONS_TABLE}%`],
    );
  const pendingChanges = async (): Promise<readonly string[]> => {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  };
  const downToNothing = async (): Promise<readonly string[]> => {
    const undone: string[] = [];
    for (let name = await migrateDown(parts.postgres.url); name; name = await migrateDown(parts.postgres.url))
      undone.push(name);
    return undone;
  };

  it('run up from an empty database, down to nothing, and up again', async () => {
    expect(await tablesInDatabase()).toEqual([]);
    expect(await migrateUp(parts.postgres.url)).toEqual(names);
    expect(await downToNothing()).toEqual([...names].reverse());
    expect(await tablesInDatabase()).toEqual([]);
    expect(await sequencesInDatabase()).toEqual([]);
    expect(await migrateUp(parts.postgres.url)).toEqual(names);
    expect(await migrateUp(parts.postgres.url)).toEqual([]);
  });

  it('say which of them a database has', async () => {
    await migrateUp(parts.postgres.url);
    await migrateDown(parts.postgres.url);
    const status = await migrationStatus(parts.postgres.url);
    expect(status).toEqual(names.map((name, i) => ({ name, applied: i < names.length - 1 })));
  });

  it('make exactly the tables that the entities describe', async () => {
    await migrateUp(parts.postgres.url);
    expect(await pendingChanges()).toEqual([]);
  });

  it('would not get away with a missing index or another type', async () => {
    await migrateUp(parts.postgres.url);
    await source.query('DROP INDEX audit_log_tenant_id_idx');
    await source.query('ALTER TABLE host_view ALTER COLUMN generation TYPE bigint');
    const pending = (await pendingChanges()).join();
    expect(pending).toContain('audit_log_tenant_id_idx');
    expect(pending).toContain('"host_view"');
    await downToNothing();
  });

  it('make exactly the tables of the registry, each with one writing app', async () => {
    await migrateUp(parts.postgres.url);
    expect(tables.map(({ table }) => table).sort()).toEqual(await tablesInDatabase());
    expect(new Set(tables.map(({ table }) => table)).size).toBe(tables.length);
  });
});
