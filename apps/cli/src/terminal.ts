/** Where a command writes; tests give their own. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly json: boolean;
}

/** A table with aligned columns; `undefined` cells stay empty. */
export function table(
  headers: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const cells = [headers, ...rows.map((row) => row.map((cell) => String(cell ?? '')))];
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Prints the value as JSON where that was asked for, else in words. */
export function print(terminal: Terminal, value: unknown, words: () => string): void {
  terminal.out(terminal.json ? JSON.stringify(value, null, 2) : words());
}
