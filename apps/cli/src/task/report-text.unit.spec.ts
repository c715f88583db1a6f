import type { PreflightReportAnswer, SimulationReportAnswer } from '#lib/client';
import { preflightOf, reportText } from './report-text.js';

const figures = {
  ...{
    coveredSeconds: 30,
    series: 1200,
    points: 36_000,
    bytes: 4_000_000,
    cpuSeconds: 1.234,
    rssBytes: 88 * 2 ** 20,
  },
};
const none = {
  ...{ coveredSeconds: 0, series: null, points: null, bytes: null, cpuSeconds: null, rssBytes: null },
};
const report: PreflightReportAnswer = {
  kind: 'preflight',
  collector: { kind: 'otelcol', version: '0.149.0' },
  variants: [
    {
      ...{ variant: 'baseline', verdict: 'ran', reason: null, windows: [], total: figures, moreProcesses: 2 },
      processes: [{ name: 'nginx', points: 300, series: 10 }],
    },
    {
      ...{ variant: 'candidate', verdict: 'ran', reason: null, windows: [], moreProcesses: 0, processes: [] },
      total: { ...figures, series: 300, cpuSeconds: null },
    },
  ],
  comparison: {
    reduction: { series: 0.75, points: -0.1, bytes: null },
    ...{ lost: ['cron', 'nginx'], moreLost: 1, lostCritical: ['nginx'] },
  },
};

describe('the report of a task in words', () => {
  it('tells what a preflight measured, and what the candidate would lose', () => {
    expect(reportText(JSON.stringify(report))).toBe(
      `tried with otelcol 0.149.0; nothing was exported

VARIANT    VERDICT  COVERED  SERIES  POINTS  BYTES    CPU      MEMORY
baseline   ran      30 s     1200    36000   4000000  1.23 s   88 MiB
candidate  ran      30 s     300     36000   4000000  no data  88 MiB

reduction: series 75.0 %, points -10.0 %, bytes no data
CRITICAL, LOST: nginx
lost by name: cron, nginx and 1 more

baseline, by executable:
EXECUTABLE  POINTS  SERIES
nginx       300     10
and 2 more`.replace('lost by name: cron, nginx\n', 'lost by name: cron, nginx\n'),
    );
  });

  it('says no data where there was none, and why a pipeline did not run', () => {
    const [baseline] = report.variants;
    const refused = {
      ...{ variant: 'candidate', verdict: 'refused', windows: [], total: none, processes: [] },
      ...{ reason: 'Error: unknown type: "hostmetrix"', moreProcesses: 0 },
    } as const;
    const text = reportText(JSON.stringify({ ...report, variants: [baseline, refused], comparison: null }));
    expect(text).toContain('candidate  refused  0 s      no data  no data  no data  no data  no data');
    expect(text).toContain('candidate: Error: unknown type: "hostmetrix"');
    expect(text).toContain('no comparison: both must have run and sent');
  });

  it('tells what a simulation ran', () => {
    const simulation: SimulationReportAnswer = {
      ...{ kind: 'simulation', profile: 'spike', seconds: 60, processes: 20, executables: 4, endedEarly: 1 },
      ...{ cpuSeconds: 12.5, bounds: { cores: 0.5, memoryBytes: 168 * 2 ** 20 }, user: 'nobody' },
      classes: [{ name: 'calm', processes: 20, cpuSeconds: 12.5 }],
    };
    expect(reportText(JSON.stringify(simulation)))
      .toBe(`spike: 20 processes of 4 executables ran as nobody for 60 s
CPU: 12.5 s in all, bound to 0.5 cores; memory bound to 168 MiB
1 ended early, for example at a limit of theirs

CLASS  PROCESSES  CPU SECONDS
calm   20         12.5`);
  });

  it.each(['', 'line 1\nline 2', '{"kind":"other"}', 'null', '[]'])('takes %j for what it is', (detail) => {
    expect([reportText(detail), preflightOf(detail)]).toEqual([undefined, undefined]);
  });
});
