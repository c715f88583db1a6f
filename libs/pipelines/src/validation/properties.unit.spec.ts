import fc from 'fast-check';
import { corpus } from './testing/corpus.js';
import { validateCollectorConfig } from './validate-collector-config.js';

const good = corpus('good').map(({ yaml }) => yaml);

/** Every finding stands inside the text and says something. */
function expectSound(input: string): void {
  const lines = input.split(/\r\n|\n/);
  for (const { position, message, fix } of validateCollectorConfig(input)) {
    expect(position).toBeDefined();
    const { line, column } = position!;
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
    expect(message).not.toBe('');
    expect(fix).not.toBe('');
  }
}

type Mutation = { readonly at: number; readonly length: number; readonly text: string };

const pieces = [
  '',
  ':',
  ' ',
  '\n',
  '- ',
  '  ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '&a',
  '*a',
  '!',
  '#',
  '$',
  '${',
  '|',
  '?',
  '<<: ',
];
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(2000),
  length: fc.nat(12),
  text: fc.oneof(
    fc.constantFrom(...pieces),
    fc.string({ maxLength: 8, unit: 'binary' }),
    fc.constantFrom('0', '-1', 'null', 'true', '1e9'),
  ),
});

function mutated(yaml: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((text, { at, length, text: piece }) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + piece + text.slice(place + length);
  }, yaml);
}

it('any change of a good configuration is judged without a throw, and findings stand inside of the text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...good),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      (yaml, mutations) => {
        expectSound(mutated(yaml, mutations));
      },
    ),
    { numRuns: 250 },
  );
});

it('lines that change places are judged without a throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(...good), fc.nat(), fc.nat(), (yaml, from, to) => {
      const lines = yaml.split('\n');
      const [line = ''] = lines.splice(from % lines.length, 1);
      lines.splice(to % (lines.length + 1), 0, line);
      expectSound(lines.join('\n'));
    }),
    { numRuns: 250 },
  );
});

it('any bytes are judged without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      validateCollectorConfig(bytes);
    }),
    { numRuns: 400 },
  );
});

it('any text is judged without a throw, and findings stand inside of it', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), expectSound), { numRuns: 400 });
});

it('text and its bytes have the same findings', () => {
  for (const { yaml } of corpus('broken'))
    expect(validateCollectorConfig(new TextEncoder().encode(yaml))).toEqual(validateCollectorConfig(yaml));
});
