import { noData, type Figure, type Interval } from '#lib/events';

/** Half-open interval of time in ms since the epoch. */
export type Span = { readonly from: number; readonly to: number };

/** A measured figure, or no data with its reason when the value is no number. `unit` as in UCUM, or a plain word. */
export function figure(measured: {
  readonly value: number;
  readonly unit: string;
  readonly window: Span;
  readonly formulaVersion: string;
  readonly interval?: Interval | undefined;
  readonly note?: string | undefined;
}): Figure {
  const { value, unit, window, formulaVersion, interval, note } = measured;
  if (!Number.isFinite(value)) return noData(`${formulaVersion} has no value for this evidence`);
  return {
    value,
    unit,
    window: { from: isoTime(window.from), to: isoTime(window.to) },
    formulaVersion,
    ...(interval === undefined ? {} : { interval }),
    ...(note === undefined ? {} : { note }),
  };
}

/** ISO 8601 of a time in ms since the epoch. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
