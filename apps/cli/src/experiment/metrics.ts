import type { Command } from 'commander';
import {
  figureText,
  type BreakdownAnswer,
  type BreakdownCell,
  type BreakdownRow,
  type Figure,
  type KpiAnswer,
  type Pair,
} from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { openSession } from '../session.js';
import { print, table, type Terminal } from '../terminal.js';
import { kpiLines } from './status.js';

interface MetricsOptions {
  readonly by?: string;
  readonly label?: string;
  readonly limit?: string;
}

/** `phoenix experiment metrics <id>`: the figures of both variants, or one breakdown of their series. */
export function addMetrics(parent: Command, terminal: () => Terminal): void {
  parent
    .command('metrics <id>')
    .description('the measured figures, or what they are made of')
    .option('--by <kind>', 'by metric, executable, attribute, service, namespace or host-group')
    .option('--label <key>', 'the host label whose values are the host groups')
    .option('--limit <rows>', 'how many names, at most; the rest is one row')
    .action(async (id: string, { by, label, limit }: MetricsOptions) => {
      if (by === undefined && (label !== undefined || limit !== undefined)) {
        throw new UsageError('--label and --limit belong to --by');
      }
      const session = await openSession();
      const path = `/experiments/${encodeURIComponent(id)}`;
      if (by === undefined) {
        const kpis = await session.get<KpiAnswer>(`${path}/kpis`);
        print(terminal(), kpis, () => kpisText(kpis));
        return;
      }
      const query = {
        by,
        ...(label === undefined ? {} : { label }),
        ...(limit === undefined ? {} : { limit }),
      };
      const breakdown = await session.get<BreakdownAnswer>(`${path}/metrics`, { query });
      print(terminal(), breakdown, () => breakdownText(breakdown));
    });
}

/** The figures in words: what decides, then what each variant sent, lost and renewed. */
export function kpisText(kpis: KpiAnswer): string {
  const { uniqueSeries, churn, pointsPerMinute, bytesPerMinute, wireBytesPerMinute, drops } = kpis;
  const pairs: readonly (readonly [string, Pair])[] = [
    ['unique series', uniqueSeries],
    ['churn', churn],
    ['points', pointsPerMinute],
    ['bytes', bytesPerMinute],
    ['bytes on the wire', wireBytesPerMinute],
    ['dropped points', drops.perMinute],
    ['share dropped', drops.share],
  ];
  const rows = pairs.map(([name, { baseline, candidate }]) => [
    name,
    figureText(baseline),
    figureText(candidate),
  ]);
  return [...kpiLines(kpis), table(['FIGURE', 'BASELINE', 'CANDIDATE'], rows)].join('\n');
}

/** A breakdown as a table; where nothing has a name, the reason comes first. */
export function breakdownText({ by, label, rows, rest, unnamed, reason, hosts }: BreakdownAnswer): string {
  const all = [...rows, ...(rest === null ? [] : [rest]), ...(unnamed === null ? [] : [unnamed])];
  const head = (label ?? by).toUpperCase();
  return [
    ...(reason === null ? [] : [`no data by ${by}: ${reason}`]),
    ...(all.length === 0 ? [] : [table([head, ...headingsOf(all), 'REDUCTION'], all.map(lineOf))]),
    `hosts ${hosts}`,
  ].join('\n');
}

function headingsOf([first]: readonly BreakdownRow[]): readonly string[] {
  const what =
    first !== undefined && 'distinctValues' in first.baseline ? ['VALUES'] : ['SERIES', 'POINTS/MIN'];
  return what.flatMap((word) => [`BASELINE ${word}`, `CANDIDATE ${word}`]);
}

function lineOf({ name, baseline, candidate, reduction }: BreakdownRow): readonly string[] {
  const before = figuresOf(baseline);
  const after = figuresOf(candidate);
  return [name, ...before.flatMap((figure, i) => [valueOf(figure), valueOf(after[i])]), shareOf(reduction)];
}

function figuresOf(cell: BreakdownCell): readonly Figure[] {
  return 'distinctValues' in cell ? [cell.distinctValues] : [cell.series, cell.pointsPerMinute];
}

/** Without its unit, which the heading names. */
function valueOf(figure: Figure | undefined): string {
  if (figure === undefined || 'noData' in figure) return 'no data';
  return figure.value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function shareOf(reduction: Figure): string {
  return 'noData' in reduction ? 'no data' : `${(reduction.value * 100).toFixed(1)} %`;
}
