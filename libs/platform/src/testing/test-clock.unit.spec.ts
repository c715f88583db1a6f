import { TestClock } from './test-clock.js';

describe('the test clock', () => {
  it('stands still until it is moved', async () => {
    const clock = new TestClock('2026-03-01T00:00:00.000Z');
    await clock.advance(1500);
    expect(clock.iso()).toBe('2026-03-01T00:00:01.500Z');
  });

  it('wakes sleepers in the order in which they are due', async () => {
    const clock = new TestClock();
    const woken: string[] = [];
    void clock.sleep(20).then(() => woken.push('late'));
    void clock.sleep(10).then(() => woken.push('early'));
    await clock.advance(15);
    expect(woken).toEqual(['early']);
    await clock.advance(5);
    expect(woken).toEqual(['early', 'late']);
  });

  it('repeats a task at each due time, however far it is moved at once', async () => {
    const clock = new TestClock();
    const start = clock.now();
    const runs: number[] = [];
    const ticker = clock.every(10, () => {
      runs.push(clock.now() - start);
      return Promise.resolve();
    });
    await clock.advance(35);
    await ticker.stop();
    await clock.advance(100);
    expect(runs).toEqual([0, 10, 20, 30]);
  });

  it('goes on repeating after a run that failed', async () => {
    const clock = new TestClock();
    const failures: unknown[] = [];
    let runs = 0;
    const ticker = clock.every(
      10,
      () => {
        runs += 1;
        return runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve();
      },
      (error) => failures.push(error),
    );
    await clock.advance(10);
    await ticker.stop();
    expect(runs).toBe(2);
    expect(failures).toEqual([new Error('once')]);
  });

  it('ends a sleep at once when its signal aborts', async () => {
    const clock = new TestClock();
    const signal = new AbortController();
    const slept = clock.sleep(1000, signal.signal);
    signal.abort();
    await slept;
    expect(clock.sleeping).toBe(0);
  });
});
