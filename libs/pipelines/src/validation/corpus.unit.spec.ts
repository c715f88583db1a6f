import { corpus } from './testing/corpus.js';
import { collectorRules } from './rules.js';
import { validateCollectorConfig } from './validate-collector-config.js';

const found = (yaml: string) =>
  validateCollectorConfig(yaml).map(({ rule, position }) => ({ rule, line: position?.line }));

const byLine = (
  a: { rule: string; line?: number | undefined },
  b: { rule: string; line?: number | undefined },
) => (a.line ?? 0) - (b.line ?? 0) || a.rule.localeCompare(b.rule);

describe('a good configuration', () => {
  it.each(corpus('good').map(({ name, yaml }) => [name, yaml]))('%s has no findings', (_, yaml) => {
    expect(validateCollectorConfig(yaml)).toEqual([]);
  });

  it('stands in the corpus at least twenty times', () => {
    expect(corpus('good').length).toBeGreaterThanOrEqual(20);
  });
});

describe('a broken configuration', () => {
  it.each(corpus('broken').map((file) => [file.name, file] as const))(
    '%s has exactly the findings that it says',
    (_, { yaml, expected }) => {
      expect(expected.length).toBeGreaterThan(0);
      expect([...found(yaml)].sort(byLine)).toEqual([...expected].sort(byLine));
    },
  );

  it('stands in the corpus at least sixty times', () => {
    expect(corpus('broken').length).toBeGreaterThanOrEqual(60);
  });
});

it('every rule that needs no sample, no list of a host and no special bytes has a broken configuration', () => {
  const covered = new Set(corpus('broken').flatMap(({ expected }) => expected.map(({ rule }) => rule)));
  // These are held by specs of their own: a file of the corpus cannot show them.
  const elsewhere = [
    'input-size',
    'input-encoding',
    'unlisted-component',
    'filter-matches-nothing',
    'filter-matches-everything',
  ];
  expect(Object.keys(collectorRules).filter((rule) => !covered.has(rule))).toEqual(elsewhere);
});
