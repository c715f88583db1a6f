import type { Figure, FigureInterval, KpiAnswer } from './answers.js';

const UNITS: Readonly<Record<string, (value: number) => string>> = {
  share: (value) => `${(value * 100).toFixed(1)} %`,
  'share of baseline': (value) => `${(value * 100).toFixed(1)} % of the baseline`,
  'share of points': (value) => `${(value * 100).toFixed(2)} % of the points`,
  'bytes/min': (value) => `${(value / 2 ** 10).toFixed(1)} KiB/min`,
  cores: (value) => `${(value * 100).toFixed(1)} % of a core`,
  bytes: (value) => `${(value / 2 ** 20).toFixed(1)} MiB`,
  By: (value) => `${(value / 2 ** 20).toFixed(1)} MiB`,
};

/** A figure in words; an absent one gives its reason. */
export function figureText(figure: Figure): string {
  if ('noData' in figure) return `no data (${figure.reason})`;
  const { value, unit } = figure;
  return UNITS[unit]?.(value) ?? `${groupDigits(value)} ${unit}`;
}

/** The value alone, for sentences that name the unit themselves. */
export function valueText(figure: Figure): string {
  return 'noData' in figure ? 'no data' : groupDigits(figure.value);
}

/** How sure a figure is, in words that never call a range a confidence interval. */
export function intervalText(
  interval: FigureInterval | undefined,
  scale = (value: number) => String(value),
): string {
  if (interval === undefined) return 'no interval';
  const { low, high } = interval;
  return interval.kind === 'range'
    ? `range over ${interval.blocks} blocks ${scale(low)} to ${scale(high)}, not a confidence interval`
    : `${(interval.level * 100).toFixed(0)} % confidence ${scale(low)} to ${scale(high)}`;
}

/** The one line that says what an experiment measured: series of both variants and the reduction. */
export function reductionLine({ series }: KpiAnswer): string {
  const { baseline, candidate, reduction } = series;
  const head = `baseline ${valueText(baseline)} series | candidate ${valueText(candidate)}`;
  if ('noData' in reduction) return `${head} | reduction: ${figureText(reduction)}`;
  const change = (value: number): string => `${(-value * 100).toFixed(1)} %`;
  return `${head} | ${change(reduction.value)} (${intervalText(reduction.interval, change)})`;
}

function groupDigits(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
