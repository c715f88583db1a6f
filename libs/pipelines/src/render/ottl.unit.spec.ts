import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { name } from '../spec/naming.js';
import { isPicked, literal, numberLiteral } from './ottl.js';

/** What reaches a component: the collector reads YAML, then expands references, where `$$` is one dollar. */
function asTheCollectorReads(setting: string): string {
  const read = (parse(stringify({ setting }, { lineWidth: 0 })) as { setting: string }).setting;
  const rest = read.replaceAll('$$', '');
  if (rest.includes('$')) throw new Error(`a dollar would be expanded in ${read}`);
  return read.replaceAll('$$', '$');
}

const anyName = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc
      .array(
        fc.constantFrom('"', '\\', '$', '${x}', '$$', '{', '}', '\u2028', 'ö', '💥', ' ', '#', ': ', "'"),
        {
          minLength: 1,
        },
      )
      .map((parts) => parts.join('')),
  )
  .filter((text) => name.safeParse(text).success);

describe('texts in OTTL', () => {
  it('arrive as they are, whatever quotes, dollars and letters they hold', () => {
    fc.assert(
      fc.property(anyName, (text) => {
        expect(JSON.parse(asTheCollectorReads(literal(text)))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('cannot leave their quotes', () => {
    fc.assert(
      fc.property(anyName, anyName, (one, other) => {
        const condition = asTheCollectorReads(isPicked('metric.name', { names: [one, other], patterns: [] }));
        // OTTL takes a text to be a quote, then escapes and other characters, then a quote.
        const [, first, second, ...more] = condition
          .split(/("(?:\\.|[^\\"])*")/s)
          .filter((_, at) => at % 2 === 1 || at === 0);
        expect([first, second].map((text) => JSON.parse(text ?? '') as string)).toEqual([one, other]);
        expect(more).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('numbers in OTTL', () => {
  // The forms that its lexer knows, with the sign that its grammar puts before them.
  const number = /^-?(\d+|(\d+\.\d*|\d*\.\d+)([eE][-+]?\d+)?)$/;

  it('keep their value in a form that the language knows', () => {
    const anyNumber = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(numberLiteral(value)).toMatch(number);
        expect(Number(numberLiteral(value)) === value).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('are doubles where an integer would be too large for its kind', () => {
    expect([1e21, 2 ** 60, 1e-7, 5, -5].map(numberLiteral)).toEqual([
      '1.0e+21',
      '1152921504606847000.0',
      '1.0e-7',
      '5',
      '-5',
    ]);
  });
});
