import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

declare const valueOf: unique symbol;

/** One column: what TypeORM is told, and the type of its value in a row. */
export interface Column<Value> {
  readonly options: EntitySchemaColumnOptions;
  readonly [valueOf]?: Value;
}

/** The rows of a set of columns. */
export type RowOf<Columns extends Record<string, Column<unknown>>> = {
  readonly [Name in keyof Columns]: Columns[Name] extends Column<infer Value> ? Value : never;
};

/** node-postgres hands 64-bit integers over as text. Ours stay below 2^53, so they travel as numbers. */
const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (typeof value === 'string' ? Number(value) : value),
};

/** Rows carry times as ISO 8601 text, as events and answers do. */
const isoTime: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value instanceof Date ? value.toISOString() : value),
};

/** Text; give the closed union or branded id that it holds. */
export const text = <Value extends string = string>(): Column<Value> => ({ options: { type: 'text' } });
/** ISO 8601 text outside, `timestamptz` inside. */
export const time = (): Column<string> => ({ options: { type: 'timestamptz', transformer: isoTime } });
/** A count, sequence or stream position. */
export const bigint = <Value extends number = number>(): Column<Value> => ({
  options: { type: 'bigint', transformer: wholeNumber },
});
export const integer = (): Column<number> => ({ options: { type: 'integer' } });
export const double = (): Column<number> => ({ options: { type: 'double precision' } });
export const boolean = (): Column<boolean> => ({ options: { type: 'boolean' } });
export const bytes = (): Column<Buffer> => ({ options: { type: 'bytea' } });
/** Structured data; key order is not kept. */
export const json = <Value>(): Column<Value> => ({ options: { type: 'jsonb' } });
/** Structured data whose exact text matters, as it was hashed. */
export const verbatimJson = <Value>(): Column<Value> => ({ options: { type: 'json' } });
/** Counted by the database; also the cursor of feeds. */
export const serial = (): Column<number> => ({
  options: { type: 'bigint', generated: 'increment', primary: true, transformer: wholeNumber },
});

/** The column is part of the primary key. */
export const key = <Value>(column: Column<Value>): Column<Value> => ({
  options: { ...column.options, primary: true },
});
/** The column may be empty. */
export const optional = <Value>(column: Column<Value>): Column<Value | null> => ({
  options: { ...column.options, nullable: true },
});
/** Large, and read only by those who select it by name: queries for whole rows leave it out. */
export const unlisted = <Value>(column: Column<Value>): Column<Value | undefined> => ({
  options: { ...column.options, select: false },
});
