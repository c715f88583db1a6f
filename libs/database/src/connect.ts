import type { DataSource } from 'typeorm';
import { createDataSource, type DatabaseLog, type Migration } from './data-source.js';
import { tables } from './registry.js';

/** Postgres does not answer, or does not let us in. Names the server, never the password. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** The database lacks tables or columns that this version needs. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly code = 'schema-missing';
  constructor(readonly missing: readonly string[]) {
    super(`the database lacks ${missing.join(', ')}. Run \`npm run migrate\`.`);
  }
}

/** A connected data source. @throws ConnectionError */
export async function connectDataSource(
  url: string,
  log: DatabaseLog,
  migrations: readonly Migration[] = [],
): Promise<DataSource> {
  try {
    return await createDataSource(url, log, migrations).initialize();
  } catch (error) {
    throw new ConnectionError(`Postgres at ${serverOf(url)}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Compares the database with the registry. Columns that only the database has are welcome: a migration expands before
 * an app is replaced and contracts after.
 * @throws SchemaError
 */
export async function verifySchema(source: DataSource): Promise<void> {
  const rows = await source.query<{ column: string }[]>(
    `SELECT table_name || '.' || column_name AS column FROM information_schema.columns
      WHERE table_schema = current_schema()`,
  );
  const found = new Set(rows.map(({ column }) => column));
  const missing = tables.flatMap(({ table, entity }) =>
    entity.columns.map(({ name }) => `${table}.${name}`).filter((column) => !found.has(column)),
  );
  if (missing.length > 0) throw new SchemaError(missing.slice(0, NAMED));
}

/** An empty database lacks everything; a few names are enough for a person. */
const NAMED = 5;

function serverOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is no URL';
}

/** Trying several addresses of a name fails with an error that has no message of its own. */
function reasonOf(error: unknown): string {
  const { message, errors = [error] } = error as { message?: string; errors?: readonly unknown[] };
  return message === undefined || message === '' ? errors.map(String).join(', ') : message;
}
