import fc from 'fast-check';
import { arrived, NOTHING_YET, unusable, type Gap, type Numbering } from './numbering.js';

const take = (numbers: readonly number[]): Numbering => numbers.reduce(arrived, NOTHING_YET);
const missing = (gaps: readonly Gap[]): number[] =>
  gaps.flatMap(({ fromN, toN }) => Array.from({ length: toN - fromN + 1 }, (_, i) => fromN + i));

describe('the numbering of an outbox', () => {
  it('has exactly those gaps that no arrival filled, whatever the order and however often one came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 80 }), (numbers) => {
        const { highWater, gaps } = take(numbers);
        const seen = new Set(numbers);
        const expected = Array.from({ length: Math.max(0, ...numbers) }, (_, i) => i + 1).filter(
          (n) => !seen.has(n),
        );
        expect(highWater).toBe(Math.max(0, ...numbers));
        expect(missing(gaps).sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it('without a hole has no gap', () => {
    expect(take([1, 2, 3, 3, 2])).toEqual({ highWater: 3, gaps: [] });
  });

  it('splits a gap that one late arrival fills in its middle', () => {
    expect(take([1, 5, 3]).gaps).toEqual([
      { fromN: 2, toN: 2, reason: 'missing' },
      { fromN: 4, toN: 4, reason: 'missing' },
    ]);
  });

  it('records a message that cannot be used as a gap of its own, until a good copy comes', () => {
    const hurt = unusable(take([1]), 3, 'malformed');
    expect(hurt.gaps).toEqual([
      { fromN: 2, toN: 2, reason: 'missing' },
      { fromN: 3, toN: 3, reason: 'malformed' },
    ]);
    expect(arrived(hurt, 3).gaps).toEqual([{ fromN: 2, toN: 2, reason: 'missing' }]);
    expect(unusable(take([1, 2]), 2, 'malformed').gaps).toEqual([]);
  });
});
