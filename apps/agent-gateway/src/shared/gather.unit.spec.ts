import * as fc from 'fast-check';
import { Gather } from './gather.js';

describe('gathering', () => {
  it('does at once what is asked for alone, and together what is asked for meanwhile', async () => {
    const goes: (readonly number[])[] = [];
    const gather = new Gather<number, number>((items) => {
      goes.push(items);
      return Promise.resolve(items.map((n) => 10 * n));
    }, 3);
    const results = await Promise.all([1, 2, 3, 4, 5].map((n) => gather.do(n)));
    expect(results).toEqual([10, 20, 30, 40, 50]);
    expect(goes).toEqual([[1], [2, 3, 4], [5]]);
    expect(await gather.do(6)).toBe(60);
  });

  it('lets one bad item harm no other, and goes on afterwards', async () => {
    const asked = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 1, max: 8 }), async (items, limit) => {
        const isBad = (n: number): boolean => n % 3 === 0;
        const gather = new Gather<number, string>(async (go) => {
          await Promise.resolve();
          expect(go.length).toBeLessThanOrEqual(limit);
          if (go.some(isBad)) throw new Error('bad');
          return go.map(String);
        }, limit);
        const settled = await Promise.allSettled(items.map((n) => gather.do(n)));
        expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : 'bad'))).toEqual(
          items.map((n) => (isBad(n) ? 'bad' : String(n))),
        );
      }),
    );
  });

  it('calls work that loses a result a failure', async () => {
    const gather = new Gather<number, number>(() => Promise.resolve([]), 5);
    await expect(gather.do(1)).rejects.toThrow('0 results of 1');
  });
});
