import { RankingTap } from './index.js';
import { scrape, type ScrapedProcess } from './testing/scrape.js';

const T = 1_700_000_000_000;
const process = (pid: number, executable: string, user: number): ScrapedProcess => ({
  ...{ pid, executable, startedAt: T - 100_000, rss: 1_000 * pid },
  cpu: { user, system: 0, wait: 1_000 },
});

describe('the ranking tap', () => {
  it('ranks by the rate between the last two samples, waiting left out', () => {
    const tap = new RankingTap();
    tap.record(scrape(T, [process(1, 'old', 90), process(2, 'hot', 1)]), T);
    expect(tap.ranking(T).map(({ key }) => key.executable)).toEqual(['old', 'hot']);
    tap.record(scrape(T + 10_000, [process(1, 'old', 91), process(2, 'hot', 6)]), T + 10_000);
    expect(tap.ranking(T + 10_000)).toEqual([
      { key: { pid: 2, executable: 'hot', startedAt: T - 100_000 }, cpu: 0.5, rss: 2_000 },
      { key: { pid: 1, executable: 'old', startedAt: T - 100_000 }, cpu: 0.1, rss: 1_000 },
    ]);
  });

  it('is not moved by a request that is sent again', () => {
    const tap = new RankingTap();
    const second = scrape(T + 10_000, [process(1, 'a', 15)]);
    tap.record(scrape(T, [process(1, 'a', 10)]), T);
    tap.record(second, T + 10_000);
    tap.record(second, T + 10_100);
    expect(tap.ranking(T + 10_100)[0]?.cpu).toBe(0.5);
  });

  it('gives a process a rate from its first sample on, since its start', () => {
    const tap = new RankingTap();
    tap.record(scrape(T, [process(1, 'new', 50)]), T);
    expect(tap.ranking(T)[0]?.cpu).toBe(0.5);
  });

  it('starts again when another process takes the pid', () => {
    const tap = new RankingTap();
    tap.record(scrape(T, [process(1, 'a', 1_000)]), T);
    const next = { ...process(1, 'a', 4), startedAt: T + 2_000 + 1_000 };
    tap.record(scrape(T + 11_000, [next]), T + 11_000);
    expect(tap.ranking(T + 11_000)).toMatchObject([{ key: { startedAt: T + 3_000 }, cpu: 0.5 }]);
  });

  it('forgets processes that ended, and follows no more than its bound', () => {
    const tap = new RankingTap();
    const flood = Array.from({ length: 9_000 }, (_, pid) => process(pid, 'fork', 1));
    tap.record(scrape(T, flood), T);
    expect(tap.ranking(T).length).toBe(8_192);
    tap.record(scrape(T + 200_000, [process(9_999, 'late', 1)]), T + 200_000);
    expect(tap.ranking(T + 200_000).map(({ key }) => key.pid)).toEqual([9_999]);
  });
});
