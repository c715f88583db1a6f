import { readdirSync, readFileSync } from 'node:fs';
import type { CoverageMapData } from 'istanbul-lib-coverage';
import { linesByLibrary } from './lines.js';
import { coverageTable, isCovered } from './verdict.js';

export { coverageTable, isCovered, MINIMUM_PERCENT } from './verdict.js';
export { linesByLibrary, type LibraryLines } from './lines.js';

/** One check for each library of the house, and what it measured as a table. */
export interface CoverageCheck {
  readonly table: string;
  readonly passed: number;
  readonly failed: number;
}

/**
 * Holds every library to the minimum, over these reports together.
 * @param librariesFolder absolute path of `libs`, which holds one folder per library
 * @param reports paths of `coverage-final.json` files, written by jest with all sources of the libraries named
 * @throws Error when a report is missing or no JSON: a suite that measured nothing must not pass
 */
export function checkCoverage(librariesFolder: string, reports: readonly string[]): CoverageCheck {
  const libraries = readdirSync(librariesFolder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const measured = linesByLibrary(
    reports.map((path) => JSON.parse(readFileSync(path, 'utf8')) as CoverageMapData),
    libraries.map(({ name }) => name).sort(),
    librariesFolder,
  );
  const passed = measured.filter(isCovered).length;
  return { table: coverageTable(measured), passed, failed: measured.length - passed };
}
