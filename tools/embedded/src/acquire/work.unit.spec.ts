import { jest } from '@jest/globals';
import { withTicks } from './work.js';

describe('long work', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('says what it does, how long it has taken every ten seconds, and when it is done', async () => {
    const lines: string[] = [];
    const work = withTicks(
      'building',
      (line) => lines.push(line),
      () => new Promise<void>((resolve) => setTimeout(resolve, 25_000)),
    );
    await jest.advanceTimersByTimeAsync(25_000);
    await work;

    expect(lines).toEqual([
      'building',
      'building: 10 s so far',
      'building: 20 s so far',
      'building: done in 25 s',
    ]);
  });

  it('falls silent when it fails', async () => {
    const lines: string[] = [];
    const work = withTicks(
      'building',
      (line) => lines.push(line),
      () => Promise.reject(new Error('no compiler')),
    );

    await expect(work).rejects.toThrow('no compiler');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(lines).toEqual(['building']);
  });
});
