import { collectorBinary, objections } from '../testing/real-collector.js';
import { collectorRules } from './rules.js';
import { corpus, type CorpusFile } from './testing/corpus.js';

/** What the real collector's `validate` says of each file, two at a time. */
async function verdicts(files: readonly CorpusFile[]): Promise<ReadonlyMap<string, string>> {
  const binary = await collectorBinary();
  const said = new Map<string, string>();
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      said.set(file.name, await objections(binary, file.yaml));
  };
  await Promise.all([work(), work()]);
  return said;
}

const names = (files: readonly CorpusFile[]): readonly string[] => files.map(({ name }) => name);

it('the real collector accepts every good configuration', async () => {
  const said = await verdicts(corpus('good'));
  expect([...said].filter(([, objection]) => objection !== '')).toEqual([]);
});

describe('of the broken configurations the real collector', () => {
  const broken = corpus('broken');
  let said: ReadonlyMap<string, string>;
  beforeAll(async () => {
    said = await verdicts(broken);
  });

  it('refuses all but those that are marked as accepted by it', () => {
    const refused = broken.filter(({ name }) => said.get(name) !== '');
    expect(names(refused)).toEqual(names(broken.filter(({ isStricter }) => !isStricter)));
  });

  it('says to each rule what the table says that it does', () => {
    const single = broken.filter(({ expected }) => new Set(expected.map(({ rule }) => rule)).size === 1);
    const wrong = single.filter(({ expected: [first], isStricter }) => {
      const { collector } = collectorRules[first?.rule as keyof typeof collectorRules];
      return collector !== 'sometimes' && (collector === 'accepts') !== isStricter;
    });
    expect(names(wrong)).toEqual([]);
  });
});
