import type { DataSource, EntityManager } from 'typeorm';
import { PoisonCommit, type Sql } from '#lib/platform';

/** Where transactions come from: the pool, or one connection that is kept. */
export interface Transactor {
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
}

/** Statements on an open transaction, or outside of any when given the data source's own manager. */
export function sqlOf(manager: EntityManager): Sql {
  return {
    query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) => {
      try {
        return await manager.query<Row[]>(text, [...parameters]);
      } catch (error) {
        throw isRefusedData(error) ? new PoisonCommit('rejected-by-database', String(error)) : error;
      }
    },
  };
}

/** Runs the work in one transaction. */
export function inTransaction<T>(
  source: DataSource | Transactor,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  return source.transaction((manager) => work(sqlOf(manager)));
}

/**
 * SQLSTATE classes 22 (data exception) and 23 (constraint violation) blame the data. Everything else, a missing table
 * included, can be mended outside, so it is worth trying again.
 */
function isRefusedData(error: unknown): boolean {
  const code: unknown =
    error instanceof Error && 'driverError' in error
      ? (error.driverError as { code?: unknown } | undefined)?.code
      : undefined;
  return typeof code === 'string' && /^2[23]/.test(code);
}
