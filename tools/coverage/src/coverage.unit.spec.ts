import type { CoverageMapData } from 'istanbul-lib-coverage';
import { linesByLibrary } from './lines.js';
import { coverageTable, isCovered } from './verdict.js';

/** A file with one statement on each line, run as often as `hits` says. */
function file(path: string, hits: readonly number[]): CoverageMapData {
  const at = (line: number) => ({ start: { line, column: 0 }, end: { line, column: 9 } });
  const statementMap = Object.fromEntries(hits.map((_, index) => [index, at(index + 1)]));
  const s = Object.fromEntries(hits.map((count, index) => [index, count]));
  return { [path]: { path, statementMap, s, fnMap: {}, f: {}, branchMap: {}, b: {} } };
}

const lines = (covered: number, total: number) => [
  ...Array.from({ length: covered }, () => 1),
  ...Array.from({ length: total - covered }, () => 0),
];
const measure = (...reports: readonly CoverageMapData[]) =>
  linesByLibrary(reports, ['metering', 'otlp'], '/house/libs');

describe('the coverage of the libraries', () => {
  it('fails a library that is one line short, and passes one that is not', () => {
    const [metering, otlp] = measure(
      file('/house/libs/metering/src/a.ts', lines(79, 100)),
      file('/house/libs/otlp/src/a.ts', lines(80, 100)),
    );

    expect(metering).toEqual({ library: 'metering', covered: 79, lines: 100 });
    expect([metering, otlp].map((one) => one !== undefined && isCovered(one))).toEqual([false, true]);
  });

  it('counts a line that any suite ran', () => {
    const path = '/house/libs/otlp/src/a.ts';

    expect(measure(file(path, [1, 0, 0]), file(path, [0, 0, 2]))[1]).toMatchObject({ covered: 2, lines: 3 });
  });

  it('counts all lines of a file that no test loads', () => {
    const [, otlp] = measure(
      file('/house/libs/otlp/src/tested.ts', lines(10, 10)),
      file('/house/libs/otlp/src/forgotten.ts', lines(0, 10)),
    );

    expect(otlp).toMatchObject({ covered: 10, lines: 20 });
  });

  it('does not count the lines of a neighbour whose name begins alike', () => {
    expect(measure(file('/house/libs/otlp-more/src/a.ts', [1]))[1]).toMatchObject({ lines: 0 });
  });

  it('fails a library of which nothing was measured', () => {
    expect(measure().map(isCovered)).toEqual([false, false]);
  });

  it('is told as a table that never rounds up to the minimum', () => {
    const table = coverageTable([
      { library: 'metering', covered: 7_999, lines: 10_000 },
      { library: 'otlp', covered: 99, lines: 99 },
      { library: 'new', covered: 0, lines: 0 },
    ]);

    expect(table.split('\n')).toEqual([
      'lines covered      %     of',
      'metering        79.9  10000  BELOW 80 %',
      'otlp           100.0     99',
      'new                -      0  BELOW 80 %',
    ]);
  });
});
