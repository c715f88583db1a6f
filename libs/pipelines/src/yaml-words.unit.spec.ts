import { isDate, isOctalByZero, numberIn } from './yaml-words.js';

describe('a word without quotes', () => {
  // As the pinned collector prints them; see render-imported.int.spec.ts.
  it.each([
    ['0', 0],
    ['-0', 0],
    ['+12', 12],
    ['0600', 384],
    ['08', 8],
    ['0o17', 15],
    ['0b11', 3],
    ['-0x1F', -31],
    ['1_000', 1000],
    ['1_000.5', 1000.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['18446744073709551615', 18446744073709551615n],
    ['99999999999999999999', 1e20],
    ['1:30', undefined],
    ['yes', undefined],
    ['2026-01-02', undefined],
    ['.5_0', undefined],
    ['0o8', undefined],
    ['1e999', undefined],
    ['10s', undefined],
    ['', undefined],
  ])('%s is the number %s', (word, number) => {
    expect(numberIn(word)).toBe(number);
  });

  it('may be octal by its zero alone, or a date', () => {
    expect(['0600', '-010', '08', '0_1'].filter(isOctalByZero)).toHaveLength(4);
    expect(['0', '00', '0o17', '0x10', '0.5', '10', '0600s'].filter(isOctalByZero)).toEqual([]);
    expect(
      ['2026-01-02', '2026-1-2', '2026-01-02T10:00:00Z', '2026-01-02 10:00:00'].filter(isDate),
    ).toHaveLength(4);
    expect(['2026-01', '12026-01-02', '2026-01-02-rc1', 'x2026-01-02'].filter(isDate)).toEqual([]);
  });
});
