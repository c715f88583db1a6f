import fc from 'fast-check';
import { instantiateTemplate, templateIds, validateSpec } from '../index.js';

const found = (input: unknown): readonly string[] =>
  validateSpec(input).map(({ fix, message, path }) => `${path}: ${message}. ${fix}`);
const whole = {
  source: { kind: 'otlp' },
  processors: [{ kind: 'dropAttributes', on: 'resource', attributes: { names: ['a'], patterns: [] } }],
  destination: { ref: 'default' },
};

describe('the shape of a specification', () => {
  it('names settings that are missing or unknown, with those that there are', () => {
    const processors = [{ kind: 'dropAttributes', keys: ['a'], atributes: {} }];
    expect(found({ ...whole, processors })).toEqual([
      'processors.0.on: is missing. Use one of point, resource.',
      'processors.0.attributes: is missing. Add it.',
      'processors.0.keys: there is no setting keys here. Use one of attributes, kind, on.',
      'processors.0.atributes: there is no setting atributes here. Did you mean attributes?',
    ]);
    expect(found({ ...whole, destination: undefined, dest: {} })).toEqual([
      'destination: is missing. Add it.',
      'dest: there is no setting dest here. Use one of destination, processors, source.',
    ]);
  });

  it('names what was probably meant where a word is none of those that there are', () => {
    expect(found({ ...whole, source: { kind: 'otpl' } })).toEqual([
      'source.kind: there is no "otpl" here. Did you mean otlp?',
    ]);
    expect(found({ ...whole, processors: [{ kind: 'keepTopk' }, {}] })).toEqual([
      'processors.0.kind: there is no "keepTopk" here. Did you mean keepTopK?',
      expect.stringMatching(/^processors\.1\.kind: is missing\. Use one of aggregateAttributes, batch, /),
    ]);
    const [processor] = whole.processors;
    expect(found({ ...whole, processors: [{ ...processor, on: 'points' }] })).toEqual([
      'processors.0.on: there is no "points" here. Did you mean point?',
    ]);
  });

  it('leaves anything else to the rule that is broken', () => {
    expect(found({ ...whole, source: { kind: 'otlp', port: 'x' } })).toEqual([
      'source.port: Invalid input: expected number, received string. Give a value that the specification allows.',
    ]);
    for (const nothing of [5, null, undefined, []])
      expect(validateSpec(nothing)).toMatchObject([{ path: '' }]);
  });

  it('is told of whatever is broken, wherever it is', () => {
    const specs = templateIds.map((id) => instantiateTemplate(id, {}));
    fc.assert(
      fc.property(fc.constantFrom(...specs), fc.nat(), fc.jsonValue(), (spec, place, value) => {
        const copy = JSON.parse(JSON.stringify(spec)) as Record<string, unknown>;
        const places = placesIn(copy);
        const [object, key] = places[place % places.length]!;
        object[key] = value;
        for (const { fix, message, severity } of validateSpec(copy))
          expect([severity, message, fix]).toEqual([
            expect.stringMatching(/^(error|warning)$/),
            expect.stringMatching(/./),
            expect.stringMatching(/[.?]$/),
          ]);
      }),
    );
  });
});

/** Every value below one, as the object that holds it and its key. */
function placesIn(value: unknown): readonly (readonly [Record<string, unknown>, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const object = value as Record<string, unknown>;
  return Object.keys(object).flatMap((key) => [[object, key] as const, ...placesIn(object[key])]);
}
