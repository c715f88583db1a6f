import type { LibraryLines } from './lines.js';

/** Every library has to reach this share of its lines. */
export const MINIMUM_PERCENT = 80;

/** Exact, so that 79.99 % does not pass as 80 %. A library without a measured line fails: nothing was measured. */
export function isCovered({ covered, lines }: LibraryLines): boolean {
  return lines > 0 && covered * 100 >= lines * MINIMUM_PERCENT;
}

/** One line per library for people; percentages are rounded down, so 80.0 % is never less than that. */
export function coverageTable(libraries: readonly LibraryLines[]): string {
  const header = ['lines covered', '%', 'of', ''];
  const rows = libraries.map((one) => [
    one.library,
    one.lines === 0 ? '-' : (Math.floor((one.covered * 1000) / one.lines) / 10).toFixed(1),
    String(one.lines),
    isCovered(one) ? '' : `BELOW ${MINIMUM_PERCENT} %`,
  ]);
  const all = [header, ...rows];
  const width = (column: number): number => Math.max(...all.map((row) => row[column]?.length ?? 0));
  return all
    .map(([name = '', percent = '', lines = '', verdict = '']) =>
      `${name.padEnd(width(0))}  ${percent.padStart(width(1))}  ${lines.padStart(width(2))}  ${verdict}`.trimEnd(),
    )
    .join('\n');
}
