import { connectDataSource, type DatabaseLog } from '#lib/database';
import { migrations } from '../../../migrations/index.js';

/** One migration and whether the database has it. */
export interface MigrationStatus {
  readonly name: string;
  readonly applied: boolean;
}

/** Failures of the connection and of migrations are thrown; statements need no second report. */
const silent: DatabaseLog = { warn: () => undefined };

/** Applies what is missing, each migration in its own transaction. @returns the names of those applied, in order. */
export function migrateUp(url: string): Promise<readonly string[]> {
  return withDataSource(url, async (source) => (await source.runMigrations()).map(({ name }) => name));
}

/** Takes the newest applied migration back. @returns its name, or undefined when the database has none. */
export function migrateDown(url: string): Promise<string | undefined> {
  return withDataSource(url, async (source) => {
    const newest = (await appliedNames(source)).at(-1);
    if (newest !== undefined) await source.undoLastMigration();
    return newest;
  });
}

/** All migrations that this version knows, oldest first. */
export function migrationStatus(url: string): Promise<readonly MigrationStatus[]> {
  return withDataSource(url, async (source) => {
    const applied = new Set(await appliedNames(source));
    return migrations.map(({ name }) => ({ name, applied: applied.has(name) }));
  });
}

type Source = Awaited<ReturnType<typeof connectDataSource>>;

async function withDataSource<T>(url: string, work: (source: Source) => Promise<T>): Promise<T> {
  const source = await connectDataSource(url, silent, migrations);
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

async function appliedNames(source: Source): Promise<readonly string[]> {
  const table = source.options.migrationsTableName ?? 'migrations';
  const [found] = await source.query<{ exists: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS exists', [
    table,
  ]);
  if (found?.exists !== true) return [];
  const rows = await source.query<{ name: string }[]>(`SELECT name FROM ${table} ORDER BY timestamp`);
  return rows.map(({ name }) => name);
}
