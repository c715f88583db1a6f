import { sep } from 'node:path';
import istanbul, { type CoverageMapData } from 'istanbul-lib-coverage';

/** How many executable lines a library has, and how many of them ran in at least one test. */
export interface LibraryLines {
  readonly library: string;
  readonly covered: number;
  readonly lines: number;
}

/**
 * The lines of each library over all reports together: a line that one suite ran is covered, whatever the others did.
 * A file that no suite loaded counts with its lines as long as a report names it; a library that no report names
 * has no lines at all.
 * @param reports what istanbul writes as `coverage-final.json`, with absolute paths
 * @param librariesFolder absolute path of the folder that holds one folder per library
 */
export function linesByLibrary(
  reports: readonly CoverageMapData[],
  libraries: readonly string[],
  librariesFolder: string,
): readonly LibraryLines[] {
  const map = istanbul.createCoverageMap({});
  for (const report of reports) map.merge(report);
  return libraries.map((library) => {
    const summary = istanbul.createCoverageSummary();
    const folder = `${librariesFolder}${sep}${library}${sep}`;
    for (const file of map.files().filter((name) => name.startsWith(folder)))
      summary.merge(map.fileCoverageFor(file).toSummary());
    const { covered, total } = summary.lines;
    return { library, covered, lines: total };
  });
}
