import { EntitySchema } from 'typeorm';
import type { Column, RowOf } from './column.js';
import { snakeCase } from './naming.js';

/** The app that alone writes a table. Every app may read every table. */
export type Writer = 'projector' | 'command-api' | 'agent-gateway' | 'analyzer';

/** What upserts and raw reads need to know of a column. */
export interface ColumnInfo {
  readonly property: string;
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
}

interface TableDescription<Columns> {
  readonly name: string;
  readonly writer: Writer;
  readonly columns: Columns;
  readonly unique?: readonly (readonly (keyof Columns & string)[])[];
  readonly indices?: readonly (readonly (keyof Columns & string)[])[];
  /** Indices over the rows for which a condition holds, each with its name, because the condition is no part of one. */
  readonly partialIndices?: readonly PartialIndex<keyof Columns & string>[];
}

interface PartialIndex<Property> {
  readonly name: string;
  readonly columns: readonly Property[];
  /** SQL, written as Postgres prints it, so that it compares equal. */
  readonly where: string;
}

/** A table as a TypeORM entity (`dataSource.getRepository(table)` works) that also knows its one writing app. */
export class Table<Row extends object> extends EntitySchema<Row> {
  constructor(
    readonly tableName: string,
    readonly writer: Writer,
    readonly columns: readonly ColumnInfo[],
    options: Pick<EntitySchema<Row>['options'], 'name' | 'tableName' | 'columns' | 'uniques' | 'indices'>,
  ) {
    super(options);
  }
}

/** The type of the rows of a table. */
export type RowsOf<T> = T extends Table<infer Row> ? Row : never;

/** Declares a table. Row type, entity and upserts all follow from this one description. */
export function table<Columns extends Record<string, Column<unknown>>>(
  description: TableDescription<Columns>,
): Table<RowOf<Columns>> {
  const { name, writer, columns } = description;
  const infos = Object.entries(columns).map(([property, { options }]) => ({
    property,
    name: snakeCase(property),
    type: String(options.type),
    key: options.primary === true,
  }));
  const entityColumns = Object.fromEntries(
    Object.entries(columns).map(([property, { options }]) => [property, options]),
  );
  return new Table(name, writer, infos, {
    name,
    tableName: name,
    columns: entityColumns as Required<EntitySchema<RowOf<Columns>>['options']>['columns'],
    uniques: (description.unique ?? []).map((properties) => ({ columns: [...properties] })),
    indices: [
      ...(description.indices ?? []).map((properties) => ({ columns: [...properties] })),
      ...(description.partialIndices ?? []).map((index) => ({ ...index, columns: [...index.columns] })),
    ],
  });
}
