import fc from 'fast-check';
import { median, quantile, rounded } from './statistics.js';

const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 50 });

describe('a median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('has as many values on one side as on the other, whatever their order', () => {
    fc.assert(
      fc.property(values, (all) => {
        const middle = median(all);
        const below = all.filter((value) => value < middle).length;
        const above = all.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(all.length / 2);
        expect(median([...all].reverse())).toBe(middle);
      }),
    );
  });

  it('of nothing does not exist', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a quantile', () => {
  it('is the value at the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 1)).toBe(100);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  });

  it('is one of the values, and no smaller one reaches the share', () => {
    fc.assert(
      fc.property(values, fc.double({ noNaN: true, min: 0.01, max: 1 }), (all, q) => {
        const found = quantile(all, q);
        const share = (limit: (value: number) => boolean) => all.filter(limit).length / all.length;
        expect(all).toContain(found);
        expect(share((value) => value <= found)).toBeGreaterThanOrEqual(q);
        expect(share((value) => value < found)).toBeLessThan(q);
      }),
    );
  });

  it('exists neither of nothing nor for a share outside of 0 to 1', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 0)).toThrow(RangeError);
    expect(() => quantile([1], 1.1)).toThrow(RangeError);
  });
});

it('a figure keeps four significant digits, whatever its size', () => {
  expect([rounded(123_456.7), rounded(0.123456), rounded(12)]).toEqual([123_500, 0.1235, 12]);
});
