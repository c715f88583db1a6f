import { readOptions, UsageError } from './options.js';

describe('the options of a campaign', () => {
  it('plays a few seeds when nothing more is said', () => {
    expect(readOptions(['link'])).toMatchObject({ command: 'link', seeds: [1, 2, 3, 4, 5], write: false });
  });

  it('takes one seed, or a range with both ends', () => {
    expect(readOptions(['link', '--seeds', '7'])).toMatchObject({ seeds: [7] });
    expect(readOptions(['link', '--seeds', '3..5', '--minutes', '2'])).toMatchObject({
      ...{ seeds: [3, 4, 5], minutes: 2 },
    });
  });

  it('plays on proxies unless network namespaces are asked for', () => {
    expect(readOptions(['link'])).toMatchObject({ netns: false });
    expect(readOptions(['link', '--netns'])).toMatchObject({ netns: true });
  });

  it('tries every template for a minute, or what is asked for', () => {
    expect(readOptions(['pipelines'])).toEqual({
      ...{ command: 'pipelines', seconds: 60, parallel: 4, minutes: 60, only: undefined, write: false },
    });
    expect(readOptions(['pipelines', '--seconds', '10', '--only', 'topk', '--write'])).toMatchObject({
      ...{ seconds: 10, only: 'topk', write: true },
    });
  });

  it('looks at a history', () => {
    expect(readOptions(['check', 'a.jsonl'])).toEqual({ command: 'check', file: 'a.jsonl' });
  });

  it.each([
    [[]],
    [['check']],
    [['link', '--seeds', '5..3']],
    [['link', '--minutes', '0']],
    [['link', '--fast']],
    [['link', '--only', 'topk']],
    [['pipelines', '--only', 'no-such']],
    [['pipelines', '--seconds', '0']],
    [['pipelines', '--seeds', '1']],
  ])('refuses %j', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });
});
