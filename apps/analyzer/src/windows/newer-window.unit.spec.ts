import fc from 'fast-check';
import { isNewer, type Telling } from './newer-window.js';

const telling: fc.Arbitrary<Telling> = fc.record({
  closedAt: fc.integer({ min: 0, max: 2 }),
  epoch: fc.constantFrom('e1', 'e2'),
  n: fc.integer({ min: 1, max: 3 }),
  payload: fc.uint8Array({ maxLength: 2 }),
});
const survivor = (tellings: readonly Telling[]): Telling =>
  tellings.reduce((known, incoming) => (isNewer(incoming, known) ? incoming : known));

describe('of several tellings of one window', () => {
  it('the same one survives whatever the order of arrival', () => {
    const permuted = fc
      .array(telling, { minLength: 1, maxLength: 6 })
      .chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        ),
      );
    fc.assert(
      fc.property(permuted, ([all, shuffled]) => {
        expect(survivor(shuffled)).toEqual(survivor(all));
      }),
    );
  });

  it('the later closed counts, and of one outbox the later numbered', () => {
    const first = { closedAt: 10, epoch: 'e1', n: 1, payload: new Uint8Array([9]) };
    expect(isNewer({ ...first, closedAt: 11, epoch: 'e0' }, first)).toBe(true);
    expect(isNewer({ ...first, n: 2, payload: new Uint8Array([1]) }, first)).toBe(true);
    expect(isNewer(first, first)).toBe(false);
  });
});
