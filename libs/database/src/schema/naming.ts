import { DefaultNamingStrategy, type Table as TypeOrmTable } from 'typeorm';

/** `createdAt` becomes `created_at`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Names that a person can read in an error message, instead of TypeORM's hashes. */
export class ReadableNames extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? snakeCase(propertyName);
  }

  override primaryKeyName(table: TypeOrmTable | string): string {
    return `${this.getTableName(table)}_pkey`;
  }

  override uniqueConstraintName(table: TypeOrmTable | string, columns: string[]): string {
    return `${this.getTableName(table)}_${columns.join('_')}_key`;
  }

  override indexName(table: TypeOrmTable | string, columns: string[]): string {
    return `${this.getTableName(table)}_${columns.join('_')}_idx`;
  }
}
