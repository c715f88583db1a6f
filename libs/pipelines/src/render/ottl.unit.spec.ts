import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { name } from '../spec/naming.js';
import { isPicked, literal } from './ottl.js';

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
