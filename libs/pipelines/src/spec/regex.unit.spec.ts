import { compilePattern, exactly, inGroup, patternFault } from './regex.js';

describe('patterns', () => {
  // Each was put to the engine of the collector; the conformance suite runs some through it.
  it.each([
    'a**',
    '(?=a)',
    '(?<=a)b',
    '(?<!a)',
    '(a)\\1',
    '\\Z',
    '[a',
    'a)',
    'a{1001}',
    '(a{100}){100}',
    '\\u0041',
    '(?x)a',
  ])('refuse what the collector refuses: %s', (pattern) => {
    expect(patternFault(pattern)).toMatch(/error parsing regexp/);
  });

  it.each([
    '^process\\.',
    '(?P<n>a)',
    '(?i)größe',
    '\\pN',
    '[[:word:]]+',
    '\\x{10FFFF}',
    '\\Qa.b\\E',
    '(?U)a+',
    '\\z',
    '',
  ])('accept what the collector accepts: %s', (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });

  it('refuse an open quotation, which would swallow what a renderer writes behind it', () => {
    expect(patternFault('\\Qa.b')).toMatch(/missing closing/);
  });

  it('mean what they mean to the collector, not to JavaScript', () => {
    expect(compilePattern('^.$').test('💥')).toBe(true);
    expect(compilePattern('^\\s$').test('\u00a0')).toBe(false);
    expect(compilePattern('a$').test('a\n')).toBe(false);
  });

  it('end on texts with which a backtracking engine would not end', () => {
    expect(compilePattern('^(a+)+$').test(`${'a'.repeat(100_000)}b`)).toBe(false);
    expect(compilePattern('(x+x+)+y').test('x'.repeat(100_000))).toBe(false);
    expect(compilePattern('^(?:a?){200}a{200}$').test('a'.repeat(200))).toBe(true);
  });

  it('stand beside each other without reaching over', () => {
    const both = compilePattern([inGroup('(?i)a|b'), exactly('c.$')].join('|'));
    expect(['A', 'B', 'c.$'].map((text) => both.test(text))).toEqual([true, true, true]);
    expect(['C.$', 'cx', 'c.$ '].map((text) => both.test(text))).toEqual([false, false, false]);
  });
});
