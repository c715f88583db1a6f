import type { BreakdownAnswer, BreakdownRow, Figure, KpiAnswer } from '#lib/client';
import { breakdownText, kpisText } from './metrics.js';

const figure = (value: number, unit: string): Figure => ({
  ...{ value, unit, window: { from: '', to: '' }, formulaVersion: 'f/1' },
});
const none: Figure = { noData: true, reason: 'not yet' };
const pair = (baseline: Figure, candidate: Figure) => ({ baseline, candidate });

describe('the figures on the terminal', () => {
  const use = { cpu: figure(0.01, 'cores'), memory: figure(2 ** 20, 'bytes') };
  const kpis: KpiAnswer = {
    ...{ windows: 6, gapSeconds: 0, cost: [] },
    series: { ...pair(figure(100, 'series'), figure(25, 'series')), reduction: none },
    pointsPerMinute: pair(figure(600, 'points/min'), figure(150, 'points/min')),
    uniqueSeries: pair(figure(120, 'series'), figure(30, 'series')),
    churn: pair(figure(40, 'series/h'), none),
    bytesPerMinute: pair(figure(10_240, 'bytes/min'), figure(5_120, 'bytes/min')),
    wireBytesPerMinute: pair(figure(1_024, 'bytes/min'), figure(512, 'bytes/min')),
    drops: {
      perMinute: pair(figure(6, 'points/min'), figure(0, 'points/min')),
      share: pair(figure(0.01, 'share of points'), figure(0, 'share of points')),
    },
    coverage: {
      processes: none,
      critical: none,
      criticalProcesses: { inBoth: [], lost: [], neverSeen: [] },
      lost: [],
    },
    collector: { baseline: use, candidate: use },
  };

  it('stand side by side, and an absent one gives its reason', () => {
    const lines = kpisText(kpis).split('\n');
    expect(lines).toContain('FIGURE             BASELINE              CANDIDATE');
    expect(lines).toContain('churn              40 series/h           no data (not yet)');
    expect(lines).toContain('bytes              10.0 KiB/min          5.0 KiB/min');
    expect(lines).toContain('share dropped      1.00 % of the points  0.00 % of the points');
  });
});

describe('a breakdown on the terminal', () => {
  const row = (name: string, before: number, after: number): BreakdownRow => ({
    name,
    baseline: { series: figure(before, 'series'), pointsPerMinute: figure(before * 6, 'points/min') },
    candidate: { series: figure(after, 'series'), pointsPerMinute: figure(after * 6, 'points/min') },
    reduction: before === 0 ? none : figure(1 - after / before, 'share of baseline'),
  });
  const answer: BreakdownAnswer = {
    ...{ by: 'metric', label: null, hosts: 2, names: 3, unnamed: null, reason: null },
    rows: [row('process.cpu.time', 1_000, 250)],
    rest: row('(other)', 0, 7),
  };

  it('is a table with the rest at its end', () => {
    expect(breakdownText(answer).split('\n')).toEqual([
      'METRIC            BASELINE SERIES  CANDIDATE SERIES  BASELINE POINTS/MIN  CANDIDATE POINTS/MIN  REDUCTION',
      'process.cpu.time  1,000            250               6,000                1,500                 75.0 %',
      '(other)           0                7                 0                    42                    no data',
      'hosts 2',
    ]);
  });

  it('tells values of attributes, and why there is nothing', () => {
    const cell = { distinctValues: figure(40, 'values') };
    const pid = { name: 'process.pid', baseline: cell, candidate: cell, reduction: figure(0, 'x') };
    const values = { ...answer, by: 'attribute', rows: [pid], rest: null };
    expect(breakdownText(values)).toContain('ATTRIBUTE    BASELINE VALUES  CANDIDATE VALUES  REDUCTION');
    const nothing = { ...answer, by: 'service', rows: [], rest: null, reason: 'nobody names a service' };
    expect(breakdownText(nothing)).toBe('no data by service: nobody names a service\nhosts 2');
  });
});
