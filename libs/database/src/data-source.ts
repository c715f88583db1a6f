import { DataSource, type Logger as TypeOrmLogger } from 'typeorm';
import type { MigrationInterface } from 'typeorm';
import { MIGRATIONS_TABLE, tables } from './registry.js';
import { ReadableNames } from './schema/naming.js';

/** Where slow and failed statements are told. Statements are logged, their values never are. */
export interface DatabaseLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** A migration class, as TypeORM wants it. */
export type Migration = new () => MigrationInterface;

const SLOW_STATEMENT_MS = 1000;
const CONNECTIONS = 10;

/**
 * A data source over all tables, not yet connected (`await source.initialize()`). It never alters the schema;
 * only `tools/migrate` passes migrations.
 */
export function createDataSource(
  url: string,
  log: DatabaseLog,
  migrations: readonly Migration[] = [],
): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: 'phoenix',
    entities: tables.map(({ entity }) => entity),
    migrations: [...migrations],
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    namingStrategy: new ReadableNames(),
    synchronize: false,
    poolSize: CONNECTIONS,
    maxQueryExecutionTime: SLOW_STATEMENT_MS,
    logger: statementLog(log),
  });
}

function statementLog(log: DatabaseLog): TypeOrmLogger {
  return {
    logQuery: () => undefined,
    logQueryError: (error, statement) => log.warn({ error: String(error), statement }, 'statement failed'),
    logQuerySlow: (ms, statement) => log.warn({ ms, statement }, 'slow statement'),
    logSchemaBuild: () => undefined,
    logMigration: () => undefined,
    log: () => undefined,
  };
}
