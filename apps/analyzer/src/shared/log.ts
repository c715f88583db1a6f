/** Where a part tells what an operator may want to know. */
export interface Log {
  warn(line: string, fields: Readonly<Record<string, unknown>>): void;
}
