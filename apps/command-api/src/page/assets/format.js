const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
const minute = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23' });
const hour = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

const MEBIBYTE = 1024 * 1024;

/** How a unit of the API is written for people; every other unit stands after its number. */
const writers = {
  'share of baseline': (value) => percent.format(value),
  'USD/month': (value) => money.format(value),
  bytes: (value) => `${fine.format(value / MEBIBYTE)} MiB`,
  'share of points': (value) => percent.format(value),
  'bytes/min': (value) => `${fine.format(value / 1024)} KiB/min`,
  cores: (value) => `${percent.format(value)} of a core`,
  series: (value) => whole.format(value),
};

/** A figure as text: its value with its unit, or that there is none; `reasonsOf` says why. */
export function figureText(figure) {
  if (!figure) return '–';
  if (figure.noData) return 'no data';
  const write = writers[figure.unit] ?? ((value) => `${fine.format(value)} ${figure.unit}`);
  return write(figure.value);
}

/** Why figures are missing, each reason once. */
export const reasonsOf = (...figures) => [
  ...new Set(figures.filter((figure) => figure?.noData).map(({ reason }) => reason)),
];

/** What stands behind a figure: its interval and what kind of interval that is, or why there is no figure. */
export function figureNote(figure) {
  if (!figure) return '';
  if (figure.noData) return figure.reason;
  const parts = [figure.interval && intervalText(figure), figure.note];
  return parts.filter(Boolean).join('; ');
}

function intervalText({ interval, unit }) {
  const low = figureText({ value: interval.low, unit });
  const high = figureText({ value: interval.high, unit });
  return interval.kind === 'confidence'
    ? `${low} to ${high} at ${percent.format(interval.level)} confidence`
    : `${low} to ${high} over ${countText(interval.blocks, 'block', 'blocks')}`;
}

/** A moment in the reader's zone: the hour alone when it was today. */
export function whenText(iso) {
  if (!iso) return '–';
  const date = new Date(iso);
  return (isToday(date) ? hour : moment).format(date);
}

const isToday = (date) => date.toDateString() === new Date().toDateString();

/** A half-open window of time, its day written once. */
export function windowText({ from, to }) {
  const end = new Date(to);
  if (new Date(from).toDateString() !== end.toDateString()) return `${whenText(from)} to ${whenText(to)}`;
  return `${whenText(from)} to ${(isToday(end) ? hour : minute).format(end)}`;
}

/** A reduction as people write it, with a minus sign: what was 71 % fewer reads -71 %. */
export function asChange(reduction) {
  if (reduction.noData) return reduction;
  const { value, interval } = reduction;
  const turned = interval && { ...interval, low: -interval.high, high: -interval.low };
  return { ...reduction, value: -value, ...(turned && { interval: turned }) };
}
export const countText = (count, one, many) => `${whole.format(count)} ${count === 1 ? one : many}`;
export const plainPhase = (phase) => phase.replaceAll('_', ' ');
