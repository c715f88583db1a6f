import type { Sql } from '#lib/platform';
import type { ColumnInfo, Table } from '../schema/table.js';

/** What happens to a row that is there already. */
export type OnExisting<Row> =
  | { readonly existing: 'keep' }
  | { readonly existing: 'replace' }
  /** Replaced only by a greater value of this column, so nothing ever moves backwards. */
  | { readonly existing: 'replace-older'; readonly by: keyof Row & string };

/**
 * Writes rows in one statement, as one array per column: 20 to 60 times faster than saving entities one by one.
 * Each key may occur once.
 */
export async function upsert<Row extends object>(
  sql: Sql,
  table: Table<Row>,
  rows: readonly Row[],
  onExisting: OnExisting<Row>,
): Promise<void> {
  if (rows.length === 0) return;
  const arrays = table.columns.map((column) =>
    rows.map((row) => parameterOf(column, row[column.property as keyof Row])),
  );
  await sql.query(upsertText(table, onExisting), arrays);
}

/** Writes rows that only ever move forward by their stream position. */
export function upsertForward<Row extends { readonly position: number }>(
  sql: Sql,
  table: Table<Row>,
  rows: readonly Row[],
): Promise<void> {
  return upsert(sql, table, rows, { existing: 'replace-older', by: 'position' });
}

/** The rows with these keys, in no particular order; those that are missing are left out. */
export async function readRows<Row extends object>(
  sql: Sql,
  table: Table<Row>,
  keys: readonly Partial<Row>[],
): Promise<readonly Row[]> {
  if (keys.length === 0) return [];
  const keyColumns = table.columns.filter(({ key }) => key);
  const arrays = keyColumns.map((column) =>
    keys.map((key) => parameterOf(column, key[column.property as keyof Row])),
  );
  const found = await sql.query<Record<string, unknown>>(
    `SELECT ${table.columns.map(({ name }) => `t.${name}`).join(', ')}
       FROM ${table.tableName} t JOIN ${unnested(keyColumns)} USING (${names(keyColumns)})`,
    arrays,
  );
  return found.map((raw) => rowFrom(table, raw));
}

/** A row as the driver gives it, as its entity has it. */
export function rowFrom<Row extends object>(table: Table<Row>, raw: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    table.columns.map((column) => [column.property, valueFrom(column, raw[column.name])]),
  ) as Row;
}

function upsertText<Row extends object>(table: Table<Row>, onExisting: OnExisting<Row>): string {
  const all = names(table.columns);
  return `INSERT INTO ${table.tableName} (${all})
    SELECT ${all} FROM ${unnested(table.columns)}
    ON CONFLICT (${names(table.columns.filter(({ key }) => key))}) ${action(table, onExisting)}`;
}

function action<Row extends object>(table: Table<Row>, onExisting: OnExisting<Row>): string {
  const values = table.columns.filter(({ key }) => !key);
  const replace = `DO UPDATE SET ${values.map(({ name }) => `${name} = excluded.${name}`).join(', ')}`;
  switch (onExisting.existing) {
    case 'keep':
      return 'DO NOTHING';
    case 'replace':
      return replace;
    case 'replace-older': {
      const by = values.find(({ property }) => property === onExisting.by);
      if (by === undefined) throw new TypeError(`${table.tableName} has no column ${onExisting.by} to go by`);
      return `${replace} WHERE ${table.tableName}.${by.name} < excluded.${by.name}`;
    }
  }
}

/** `unnest($1::text[], $2::bigint[]) AS u(id, position)` */
function unnested(columns: readonly ColumnInfo[]): string {
  return `unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')}) AS u(${names(columns)})`;
}

function names(columns: readonly ColumnInfo[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function isJson({ type }: ColumnInfo): boolean {
  return type === 'jsonb' || type === 'json';
}

function parameterOf(column: ColumnInfo, value: unknown): unknown {
  return isJson(column) && value !== null && value !== undefined ? JSON.stringify(value) : value;
}

function valueFrom(column: ColumnInfo, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return column.type === 'bigint' && typeof value === 'string' ? Number(value) : value;
}
