import { MAX_RESULT_DETAIL, readPreflightReport, type PreviewReport } from '#lib/agent-protocol';
import type { CollectorWindow, WindowMessage } from '#lib/metering';
import { detailOf, reportOf, type Trial } from './report.js';

const START = 1_700_000_000_000;
const named = (name: string, points = 10) => ({ name, points, series: 5 });

function collector(
  variant: 'baseline' | 'candidate',
  start: number,
  some: Partial<CollectorWindow> = {},
): CollectorWindow {
  return {
    ...{ variant, instance: variant, configHash: 'c', coveredFrom: start, coveredTo: start + 10_000 },
    ...{ points: 100, bytes: 1000, wireBytes: 500, requests: 10, malformed: 0, hostPoints: 100 },
    activeSeries: { value: 50, exact: true },
    ...{ metrics: [], executables: [named('a'), named('b'), named('c')], freshness: null },
    use: { cpuSeconds: 0.5, rssBytes: 1000, refused: 0, failed: 0 },
    ...some,
  };
}

function window(number: number, collectors: (start: number) => readonly CollectorWindow[]): WindowMessage {
  const start = START + number * 10_000;
  return {
    ...{ host: 'h1', start, seconds: 10, closedAt: start + 10_500, clockOffsetMs: null, identityVersion: 1 },
    ...{ weights: [], collectors: collectors(start), minute: null },
  };
}

const ran = (variant: 'baseline' | 'candidate'): Trial => ({
  variant,
  configHash: 'c',
  verdict: 'ran',
  reason: null,
});
const both = [ran('baseline'), ran('candidate')];
const report = (windows: readonly WindowMessage[], trials = both, seconds = 20) =>
  reportOf({
    ...{ trials, windows, critical: ['b'], span: { start: START, seconds } },
    collector: { kind: 'otelcol', version: '1' },
  });

const figures = {
  ...{ series: 1, seriesPerMinute: null, points: 1, pointsPerMinute: 1, bytes: 1, processes: 1 },
};
const card: PreviewReport = {
  data: { kind: 'captured', source: 's', hosts: 1, windows: 1, intervalSeconds: 10, durationSeconds: 10 },
  ...{ baseline: figures, candidate: figures, reduction: { series: 0, points: 0, bytes: 0 } },
  ...{ processes: { lost: 0, executables: [] }, critical: [] },
  ...{ metrics: { lost: [], added: [] }, attributes: { lost: [], added: [] } },
  attribution: {
    ...{ metrics: [], attributes: [] },
    metricsAlone: { series: { baseline: 1, candidate: 1 }, saved: 0 },
  },
  limits: [],
};

describe('the report of a preflight', () => {
  it('compares what both sent within the time that counts', () => {
    const pair = (start: number) => [
      collector('baseline', start),
      collector('candidate', start, {
        ...{ points: 40, bytes: 700, activeSeries: { value: 20, exact: true }, executables: [named('a')] },
      }),
    ];
    const wild = (start: number) => [collector('baseline', start, { points: 9999 })];
    const { comparison, variants } = report([
      window(-1, wild),
      window(0, pair),
      window(1, pair),
      window(2, wild),
    ]);
    expect(comparison!.reduction.series).toBeCloseTo(0.6, 12);
    expect(comparison!.reduction.points).toBeCloseTo(0.6, 12);
    expect(comparison!.reduction.bytes).toBeCloseTo(0.3, 12);
    expect(comparison).toMatchObject({ lost: ['b', 'c'], lostCritical: ['b'] });
    expect(variants[0]!.windows).toHaveLength(2);
    expect(variants[0]!.total).toEqual({
      ...{ coveredSeconds: 20, series: 50, points: 200, bytes: 2000, cpuSeconds: 1, rssBytes: 1000 },
    });
  });

  it('says null, and never zero, where nothing was told', () => {
    const silent = {
      points: 0,
      bytes: 0,
      requests: 0,
      activeSeries: { value: 0, exact: true },
      executables: [],
      use: null,
    };
    const { comparison, variants } = report([
      window(0, (start) => [collector('baseline', start), collector('candidate', start, silent)]),
    ]);
    expect(comparison).toBeNull();
    const nothing = { series: null, points: null, bytes: null, cpuSeconds: null, rssBytes: null };
    expect(variants[1]!.total).toEqual({ coveredSeconds: 10, ...nothing });
    expect(variants[1]!.windows[0]).toMatchObject(nothing);
    expect(report([]).variants[0]!.total).toEqual({ coveredSeconds: 0, ...nothing });
    expect(report([]).comparison).toBeNull();
  });

  it('compares nothing with a pipeline that did not run, or was not asked for', () => {
    const windows = [window(0, (start) => [collector('baseline', start), collector('candidate', start)])];
    const failed: Trial = { ...ran('candidate'), verdict: 'failed', reason: 'it fell over' };
    expect(report(windows).comparison).not.toBeNull();
    expect(report(windows, [ran('baseline'), failed]).comparison).toBeNull();
    expect(report(windows, [ran('baseline')]).comparison).toBeNull();
  });

  it('compares nothing with one that the meter left out of a window, and says why', () => {
    const alone = (start: number) => [collector('baseline', start)];
    const pair = (start: number) => [...alone(start), collector('candidate', start)];
    const { comparison, variants } = report([window(0, pair), window(1, alone)]);
    expect(comparison).toBeNull();
    expect(variants.map(({ reason, verdict }) => [verdict, reason])).toEqual([
      ['ran', null],
      ['failed', 'did not take all that applications pushed: 1 of 2 windows have a gap'],
    ]);
    expect(report([window(0, pair), window(1, pair)]).comparison).not.toBeNull();
  });

  it('always fits the detail of a result, and counts what it leaves out', () => {
    const executables = Array.from({ length: 300 }, (_, i) =>
      named(`${String(i).padStart(4, '0')}${'x'.repeat(124)}`, 300 - i),
    );
    const pair = (start: number) => [
      collector('baseline', start, { executables }),
      collector('candidate', start, { executables: executables.slice(0, 10) }),
    ];
    const windows = Array.from({ length: 30 }, (_, i) => window(i, pair));
    const executable = (name: string) =>
      ({ name, outcome: 'lost', processes: { baseline: 1, candidate: 0 } }) as const;
    const long = {
      ...card,
      processes: { lost: 290, executables: executables.map(({ name }) => executable(name)) },
    };
    const whole = { ...report(windows, both, 300), card: long };
    const detail = detailOf(whole);
    expect(detail.length).toBeLessThanOrEqual(MAX_RESULT_DETAIL);
    const read = readPreflightReport(detail)!;
    const [full] = read.variants;
    expect(full!.processes.length + full!.moreProcesses).toBe(300);
    expect(full!.processes.length).toBeGreaterThan(20);
    expect(full!.processes[0]!.name).toMatch(/^0000x/);
    expect(read.comparison!.lost.length + read.comparison!.moreLost).toBe(290);
    expect(read.card!.processes.executables.length).toBeGreaterThan(20);
    expect(read.card!.limits.map(({ code }) => code)).toEqual(['shortened']);
  });
});
