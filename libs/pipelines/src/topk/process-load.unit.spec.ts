import { ProcessLoad, type Ranking } from '../index.js';
import { markerResource, scrapeOf, type ProcessState } from '../testing/scrapes.js';

const second = 1_000_000_000n;
const state = (pid: number, change: Partial<ProcessState>): ProcessState => ({
  pid,
  executable: `p${pid}`,
  startedAt: 0n,
  readAt: 100n * second,
  cpuSeconds: 0,
  diskBytes: 0n,
  memoryBytes: 0n,
  ...change,
});
const valueOf = (ranking: Ranking, pid: number): number | undefined =>
  ranking.find((process) => process.pid === pid)?.value;

// The scrape helper books a quarter of the user time as system time on top.
const allStates = 1.25;

describe('the load of processes', () => {
  it('is ranked from a first scrape by the mean use since each process began', () => {
    const load = new ProcessLoad();
    load.observe(
      scrapeOf([state(1, { cpuSeconds: 50 }), state(2, { cpuSeconds: 9, startedAt: 90n * second })]),
    );
    expect(valueOf(load.latest.ranking('cpu'), 1)).toBeCloseTo(0.5 * allStates);
    expect(valueOf(load.latest.ranking('cpu'), 2)).toBeCloseTo(0.9 * allStates);
  });

  it('is the growth between two scrapes from then on', () => {
    const load = new ProcessLoad();
    load.observe(scrapeOf([state(1, { cpuSeconds: 50 })]));
    load.observe(scrapeOf([state(1, { cpuSeconds: 52, readAt: 110n * second })]));
    expect(valueOf(load.latest.ranking('cpu'), 1)).toBeCloseTo(0.2 * allStates);
  });

  it('forgets processes that are gone', () => {
    const load = new ProcessLoad();
    load.observe(scrapeOf([state(1, {}), state(2, {})]));
    load.observe(scrapeOf([state(2, { readAt: 110n * second })]));
    expect(load.latest.ranking('cpu').map(({ pid }) => pid)).toEqual([2]);
  });

  it('ranks by memory in bytes and by score from the shares of both', () => {
    const load = new ProcessLoad();
    load.observe(
      scrapeOf([
        state(1, { cpuSeconds: 75, memoryBytes: 100n }),
        state(2, { cpuSeconds: 25, memoryBytes: 300n }),
      ]),
    );
    expect(valueOf(load.latest.ranking('memory'), 2)).toBe(300);
    expect(valueOf(load.latest.ranking('score'), 1)).toBeCloseTo((0.75 + 0.25) / 2);
    expect(valueOf(load.latest.ranking('score'), 2)).toBeCloseTo((0.25 + 0.75) / 2);
  });

  it('leaves out what is no process, and is empty before the first scrape', () => {
    const load = new ProcessLoad();
    expect(load.latest.ranking('cpu')).toEqual([]);
    load.observe({ resourceMetrics: [markerResource(1n)] });
    expect(load.latest.ranking('score')).toEqual([]);
  });
});
