import type { Case } from './cases.js';
import { judge, type Observation, type Property } from './judge.js';
import { isError } from './run-case.js';
import type { Scrape } from './scrape.js';

const scrape = (series: number, more: Partial<Scrape> = {}): Scrape => ({
  ...{ at: 0, series, points: series, pids: new Set([7, 8]), metrics: new Set(['process.cpu.time']) },
  ...more,
});
const of = (template: Case['template'], end: Case['end'] = 'default'): Case => ({
  ...{ template, end, parameters: {} },
});
/** A run of twenty seconds in which all went well. */
const good: Observation = {
  ...{ case: of('topk'), intervalSeconds: 10, seconds: 20, errors: [], critical: [7] },
  scrapes: [scrape(50), scrape(52)],
  taps: [scrape(90), scrape(91)],
  rankingMetrics: ['process.cpu.time'],
  reference: [scrape(100), scrape(104)],
};
const broken = (change: Partial<Observation>): readonly Property[] =>
  judge({ ...good, ...change }).map(({ property }) => property);

describe('the judge of a pipeline on the real collector', () => {
  it('has nothing against a run in which all went well', () => {
    expect(judge(good)).toEqual([]);
    expect(broken({ case: of('baseline'), scrapes: [scrape(104), scrape(104)] })).toEqual([]);
    expect(broken({ case: of('topk', 'highest'), scrapes: [scrape(104), scrape(104)] })).toEqual([]);
  });

  it.each([
    [{ failure: 'unknown type' }, ['loads']],
    [{ failure: 'ended by itself (SIGKILL)', scrapes: [], errors: ['x'] }, ['loads']],
    [{ seconds: 30, scrapes: [scrape(50)] }, ['emits']],
    [{ seconds: 30, scrapes: [scrape(50), scrape(0)] }, ['emits']],
    [{ scrapes: [scrape(0)] }, ['emits']],
    [{ scrapes: [scrape(103), scrape(103)] }, ['reduces']],
    [{ case: of('topk', 'lowest'), scrapes: [scrape(115), scrape(116)] }, ['reduces']],
    [{ reference: [] }, ['reduces']],
    [{ critical: [7, 9] }, ['keeps critical processes']],
    [{ critical: [] }, ['keeps critical processes']],
    [{ scrapes: [scrape(50), scrape(50, { pids: new Set([8]) })] }, ['keeps critical processes']],
    [{ taps: [] }, ['ranks apart']],
    [{ taps: [scrape(9, { metrics: new Set(['process.cpu.time', 'process.threads']) })] }, ['ranks apart']],
    [{ taps: [scrape(9, { metrics: new Set() })] }, ['ranks apart']],
    [{ errors: ['{"level":"error"}'] }, ['logs no errors']],
  ] satisfies readonly (readonly [Partial<Observation>, readonly Property[]])[])(
    'finds what went wrong: %#',
    (change, expected) => {
      expect(broken(change)).toEqual(expected);
    },
  );

  it('takes for errors what the collector calls so, and what is no line of its log', () => {
    const lines = [
      '{"level":"error"}',
      '{"level":"fatal"}',
      'panic: runtime error',
      'goroutine 1 [running]:',
    ];
    expect(lines.map(isError)).toEqual([true, true, true, true]);
    expect(['', '{"level":"info"}', '{"level":"warn","msg":"error"}'].map(isError)).toEqual([
      ...[false, false, false],
    ]);
  });
});
