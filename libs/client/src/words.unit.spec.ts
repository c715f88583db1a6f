import type { Figure, KpiAnswer } from './answers.js';
import { figureText, intervalText, reductionLine, valueText } from './words.js';

const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:00.000Z' };
const figure = (value: number, unit: string): Figure => ({ value, unit, window, formulaVersion: 'x/1' });
const nothing: Figure = { noData: true, reason: 'no window yet' };
const range = { kind: 'range', blocks: 3, low: 0.6, high: 0.8 } as const;

describe('figures in words', () => {
  it.each([
    [figure(0.711, 'share'), '71.1 %'],
    [figure(1, 'share of baseline'), '100.0 % of the baseline'],
    [figure(0.0095, 'cores'), '0.9 % of a core'],
    [figure(41_943_040, 'bytes'), '40.0 MiB'],
    [figure(4812, 'series'), '4,812 series'],
    [nothing, 'no data (no window yet)'],
  ])('writes %j', (value, text) => expect(figureText(value)).toBe(text));

  it('never calls a range a confidence interval', () => {
    expect(intervalText(range)).toBe('range over 3 blocks 0.6 to 0.8, not a confidence interval');
    expect(intervalText({ kind: 'confidence', level: 0.95, low: 0.6, high: 0.8 })).toBe(
      '95 % confidence 0.6 to 0.8',
    );
    expect(intervalText(undefined)).toBe('no interval');
  });

  it('says what was measured in one line, and that there is no data where there is none', () => {
    const reduction = { ...figure(0.7, 'share'), interval: range };
    const series = { baseline: figure(1000, 'series'), candidate: figure(300, 'series'), reduction };
    expect(reductionLine({ series } as KpiAnswer)).toBe(
      'baseline 1,000 series | candidate 300 | -70.0 % (range over 3 blocks -60.0 % to -80.0 %, not a confidence interval)',
    );
    const absent = { baseline: nothing, candidate: nothing, reduction: nothing };
    expect(reductionLine({ series: absent } as KpiAnswer)).toContain('no data');
    expect(valueText(nothing)).toBe('no data');
  });
});
