import { isMeasured } from '#lib/events';
import { csv } from '../shared/csv.js';
import type { Results } from '../shared/views/results.view.js';
import { namedFigures, type NamedFigure } from './named-figures.js';

const columns = ['figure', 'value', 'unit', 'low', 'high', 'interval', 'from', 'to', 'formula', 'note'];

/** The figures as CSV (RFC 4180): one row each; a figure without data has an empty value and its reason as the note. */
export function resultsCsv({ kpis }: Results): string {
  return csv([columns, ...namedFigures(kpis).map(rowOf)]);
}

function rowOf({ name, figure }: NamedFigure): readonly string[] {
  if (!isMeasured(figure)) return [name, '', '', '', '', '', '', '', '', figure.reason];
  const { value, unit, window, formulaVersion, interval, note = '' } = figure;
  const bounds =
    interval === undefined ? ['', '', ''] : [String(interval.low), String(interval.high), interval.kind];
  return [name, String(value), unit, ...bounds, window.from, window.to, formulaVersion, note];
}
