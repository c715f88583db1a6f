import type { Metric, Result } from './bench.js';
import { rounded } from './statistics.js';

const HEADER = ['name', 'value', 'unit', 'ceiling', 'ratio', 'target', ''] as const;

/** One line of `--json`. */
export function jsonLine(result: Result): string {
  const { value, ceiling, ratio } = result;
  return JSON.stringify({
    ...result,
    value: rounded(value),
    ceiling: ceiling === null ? null : rounded(ceiling),
    ratio: ratio === null ? null : rounded(ratio),
  });
}

/** The results as a table for people. */
export function table(results: readonly Result[]): string {
  const rows = [HEADER, ...results.map(columns)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The results as a table of `docs/benchmarks.md`, with what was measured. */
export function markdownTable(results: readonly Result[], metrics: readonly Metric[]): string {
  const header = [
    '| name | value | ceiling | ratio | target | | measured |',
    '| --- | --: | --: | --: | --: | --- | --- |',
  ];
  const rows = results.map((result) => {
    const [name, value, unit, ceiling, ratio, target, verdict] = columns(result);
    const what = metrics.find((metric) => metric.name === result.name)?.what ?? '';
    return `| \`${name}\` | ${value} ${unit} | ${ceiling} | ${ratio} | ${target} | ${verdict} | ${what} |`;
  });
  return [...header, ...rows].join('\n');
}

type Columns = readonly [string, string, string, string, string, string, string];

function columns({ name, value, unit, ceiling, ratio, target, met }: Result): Columns {
  const goal = target === null ? '-' : ratio !== null ? `>= ${target}` : `<= ${target}`;
  const verdict = met === null ? 'reported' : met ? 'met' : 'MISSED';
  return [name, written(value), unit, written(ceiling), ratio?.toFixed(2) ?? '-', goal, verdict];
}

function written(value: number | null): string {
  return value === null ? '-' : rounded(value).toLocaleString('en-US', { maximumFractionDigits: 3 });
}
