import fc from 'fast-check';
import { imbalance } from './balance.js';
import { inContext } from './contexts.js';
import { normalized } from './normal.js';
import { parseCondition, parseStatement } from './parse.js';
import { compileRegex } from './regex.js';
import type { Condition } from './syntax.js';
import { alwaysTrue } from './tautology.js';

const parts = (source: string): readonly Condition[] => {
  const condition = normalized(parseCondition(source)!);
  return condition.type === 'any' ? condition.parts : [condition];
};
const isAlwaysTrue = (source: string): boolean => alwaysTrue(parts(source)) !== undefined;

describe('a condition', () => {
  it('binds not before and, and and before or', () => {
    expect(parseCondition('not a == 1 and b == 2 or c')).toMatchObject({
      type: 'any',
      parts: [{ type: 'all', parts: [{ type: 'not' }, { type: 'compare' }] }, { type: 'test' }],
    });
  });

  it('spells a path in one way', () => {
    expect(parseCondition('resource . attributes [ "a.b" ] == nil')).toEqual({
      type: 'compare',
      operator: '==',
      left: { type: 'path', path: 'resource.attributes["a.b"]' },
      right: { type: 'literal', value: null },
    });
  });

  it.each([
    'Len(attributes) > 3',
    'value_double * 2 >= -1.5',
    'IsMatch(name, "a\\"b")',
    'x == {"a": [1, 2]}',
    'Split(a, ",")[0] == "b"',
  ])('of this form is understood: %s', (source) => expect(parseCondition(source)).toBeDefined());

  it.each(['', 'a ==', '(a', 'a =~ "b"', 'a == "b', 'a b', '`a`', 'and', '(1 + 2) * 3 == 9'])(
    'of this form is left alone: %s',
    (source) => expect(parseCondition(source)).toBeUndefined(),
  );
});

it('a statement has a name, arguments and a condition', () => {
  expect(parseStatement('set(a, b["c"]) where IsString(a)')).toMatchObject({
    name: 'set',
    args: [{ path: 'a' }, { path: 'b["c"]' }],
    where: { type: 'test' },
  });
  expect(parseStatement('set(a')).toBeUndefined();
});

describe('alternatives one of which is always true', () => {
  it.each([
    'name != "a" or name != "b"',
    'not (name == "a" and name == "b")',
    'name != "a" or not IsMatch(name, "^b")',
    'not IsMatch(name, "^system[.]") or name != "process.cpu.time"',
    'not IsMatch(name, "^process\\\\.") or not IsMatch(name, "^system\\\\.")',
    'name == "a" or name != "a"',
    'name == "z" or name != "a" or name != "b"',
    'true or name == "a"',
    'not false',
  ])('are %s', (source) => expect(isAlwaysTrue(source)).toBe(true));

  it.each([
    'name != "a" and name != "b"',
    'not (name == "a" or name == "b")',
    'name != "a"',
    'name != "a" or type != "b"',
    'name != "a" or name != "a"',
    'name != "process.x" or not IsMatch(name, "^process[.]")',
    'not IsMatch(name, "^process") or not IsMatch(name, "^process.cpu")',
    'not IsMatch(name, "process") or not IsMatch(name, "system")',
    'not IsMatch(name, "^as?") or not IsMatch(name, "^ab")',
    'not IsMatch(name, "^a|b") or not IsMatch(name, "^c")',
    'name == "a" or name == "b"',
    'x != 1 or x != "1"',
    'x < 1 or x >= 1',
  ])('are not %s', (source) => expect(isAlwaysTrue(source)).toBe(false));
});

describe('the context of a condition', () => {
  const contextOf = (source: string, written = '') => inContext(parseCondition(source)!, written)?.context;

  it('is the lowest level that it names', () => {
    expect(contextOf('metric.name == "a" and resource.attributes["b"] == "c"')).toBe('metric');
    expect(contextOf('metric.name == "a" and datapoint.attributes["b"] == "c"')).toBe('datapoint');
    expect(contextOf('resource.attributes["b"] == "c"')).toBe('resource');
  });

  it('is the written one, or not known', () => {
    expect(contextOf('name == "a"', 'metric')).toBe('metric');
    expect(contextOf('name == "a"')).toBeUndefined();
    expect(contextOf('name == "a"', 'span')).toBeUndefined();
  });
});

describe('a pattern', () => {
  it.each(['^a.*$', '(?i)a', '(?P<n>a)', '[[:alpha:]]', String.raw`\pL`, String.raw`\Qa.b\E`, 'a{1,1000}'])(
    'compiles: %s',
    (pattern) => expect(compileRegex(pattern)).toBeInstanceOf(Object),
  );

  it.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    String.raw`(a)\1`,
    'a{1001}',
    '(a{500}){500}',
    'a++',
    '[a',
    '(',
    '*',
    String.raw`\Z`,
  ])('does not compile: %s', (pattern) => expect(typeof compileRegex(pattern)).toBe('string'));

  it('that is too large to be tried is left alone', () => {
    expect(compileRegex('a'.repeat(6000))).toBeUndefined();
  });
});

describe('balance', () => {
  const condition = fc
    .tuple(fc.string(), fc.nat(4))
    .map(([text, depth]) => `${'('.repeat(depth)}name == ${JSON.stringify(text)}${')'.repeat(depth)}`);

  it('holds in every whole condition, whatever its texts hold, and in none that is cut off', () => {
    fc.assert(
      fc.property(condition, (whole) => {
        expect(imbalance(whole)).toBeUndefined();
        const end = whole.lastIndexOf('"');
        expect(imbalance(whole.slice(0, end))).toBe('a text that does not end');
        expect(imbalance(`(${whole}`)).toBe('a bracket without its )');
        expect(imbalance(`${whole}]`)).toBe('a ] that closes nothing');
      }),
    );
  });
});
