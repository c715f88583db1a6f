import fc from 'fast-check';
import { isMap, parseDocument, visit, type Document } from 'yaml';
import { collectorBinary, objections } from '../../testing/real-collector.js';
import { corpus } from '../testing/corpus.js';
import { validateCollectorConfig } from '../validate-collector-config.js';

const values = [true, 7, 1.5, 'text', '5s', [], ['a'], { probe: 1 }, null];
// Anchors would change in two places.
const good = corpus('good').filter(({ name }) => name !== 'anchors.yaml');

type Change = { readonly file: string; readonly path: readonly unknown[]; readonly value: unknown };

/** The ways to all values that stand under keys only, not in lists. */
function pathsIn(document: Document): readonly (readonly unknown[])[] {
  const paths: unknown[][] = [];
  visit(document, {
    Seq: () => visit.SKIP,
    Pair: (_, { key }, ancestors) => {
      const keys = ancestors.flatMap((node) => ('key' in node ? [String(node.key)] : []));
      paths.push([...keys, String(key)]);
    },
  });
  return paths;
}

const changeArbitrary: fc.Arbitrary<Change> = fc.constantFrom(...good).chain(({ yaml }) =>
  fc.record({
    file: fc.constant(yaml),
    path: fc.constantFrom(...pathsIn(parseDocument(yaml))),
    value: fc.oneof(fc.constantFrom(...values)),
  }),
);

/** Puts a value of any kind in the place of another. */
function retyped({ file, path, value }: Change): string {
  const document = parseDocument(file);
  document.setIn(path, document.createNode(value));
  return document.toString();
}

/** Adds a field that no component has, where the value is a map. */
function extended({ file, path }: Change): string | undefined {
  const document = parseDocument(file);
  const target = document.getIn(path);
  if (!isMap(target)) return undefined;
  target.set('phoenix_probe', null);
  return document.toString();
}

const rulesOf = (yaml: string) => validateCollectorConfig(yaml).map(({ rule }) => rule);

/** Both opinions on each configuration, two at a time. */
async function opinions(yamls: readonly string[]) {
  const binary = await collectorBinary();
  const queue = [...yamls];
  const all: { yaml: string; ours: readonly string[]; theirs: string }[] = [];
  const work = async (): Promise<void> => {
    for (let yaml = queue.shift(); yaml !== undefined; yaml = queue.shift())
      all.push({ yaml, ours: rulesOf(yaml), theirs: await objections(binary, yaml) });
  };
  await Promise.all([work(), work()]);
  return all;
}

describe('of values of any kind in any place', () => {
  const changes = fc.sample(changeArbitrary, { numRuns: 120, seed: 1 });

  it('we refuse the type of none that the real collector takes, and find all that it cannot read', async () => {
    const all = await opinions(changes.map(retyped));
    expect(all.filter(({ ours, theirs }) => ours.includes('field-type') && theirs === '')).toEqual([]);
    const unread = all.filter(({ theirs }) =>
      /expected type|cannot unmarshal|source data must be/.test(theirs),
    );
    expect(unread.length).toBeGreaterThan(10);
    expect(
      unread.filter(({ ours }) => !ours.includes('field-type') && !ours.includes('unknown-field')),
    ).toEqual([]);
  });

  it('a field that does not exist is refused by both, where the collector does not ignore it', async () => {
    const all = await opinions(changes.flatMap((change) => extended(change) ?? []));
    expect(all.length).toBeGreaterThan(10);
    const known = ['unknown-field', 'unknown-section', 'unknown-component', 'pipeline-id'];
    const refused = all.filter(({ theirs }) => theirs !== '');
    expect(refused.length).toBeGreaterThan(10);
    expect(refused.filter(({ ours }) => !ours.some((rule) => known.includes(rule)))).toEqual([]);
    const silent = all.filter(({ ours, theirs }) => theirs === '' && ours.includes('unknown-field'));
    expect(
      silent.filter(({ yaml }) => !/^ {2}hostmetrics.*\n(?: {4}.*\n)*? {4}phoenix_probe/m.test(yaml)),
    ).toEqual([]);
  });
});

describe('a spelling', () => {
  const config = (number: string, flag: string, text: string) => `receivers: {otlp: {protocols: {grpc: }}}
processors: {batch: {send_batch_size: ${number}, timeout: 1s}}
exporters: {otlphttp: {endpoint: ${text}, disable_keep_alives: ${flag}}}
service: {pipelines: {metrics: {receivers: [otlp], processors: [batch], exporters: [otlphttp]}}}
`;
  const spellings = [
    '1_000',
    '0x10',
    '0o17',
    '0b11',
    '017',
    '+5',
    '1e3',
    '1.0',
    '.5',
    'yes',
    'on',
    'True',
    '~',
    'Null',
    '"5"',
  ];

  it('of a number, a flag or a text is one to us where it is one to the real collector', async () => {
    const yamls = spellings.flatMap((one) => [
      config(one, 'true', 'https://a.example.org'),
      config('5', one, 'https://a.example.org'),
      config('5', 'true', one),
    ]);
    const all = await opinions(yamls);
    const isWrong = (ours: readonly string[]) =>
      ours.includes('field-type') || ours.includes('required-field');
    const differing = all.filter(({ ours, theirs }) => isWrong(ours) !== (theirs !== ''));
    expect(differing.map(({ yaml, theirs }) => `${yaml} ${theirs}`)).toEqual([]);
  });
});
