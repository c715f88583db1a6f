import fc from 'fast-check';
import { canonicalJson, figure, sameJson } from './index.js';

describe('canonical JSON', () => {
  test('sorts keys, keeps the order of lists and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [2, 1], a: { d: null, c: undefined } })).toBe('{"a":{"d":null},"b":[2,1]}');
  });

  test('of equal data is equal, and can be read back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        const back = JSON.parse(text) as unknown;
        expect(canonicalJson(back)).toBe(text);
        expect(sameJson(back, value)).toBe(true);
      }),
    );
  });

  test('refuses numbers that JSON would turn into null', () => {
    expect(() => canonicalJson([NaN])).toThrow(TypeError);
  });
});

describe('a figure', () => {
  test('without a finite value is no data', () => {
    const window = { from: 0, to: 1000 };
    expect(figure({ value: 0 / 0, unit: 'series', window, formulaVersion: 'f/1' })).toEqual({
      noData: true,
      reason: 'f/1 has no value for this evidence',
    });
  });
});
