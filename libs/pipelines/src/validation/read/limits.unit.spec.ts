import { validateCollectorConfig } from '../validate-collector-config.js';
import { MAX_INPUT_BYTES } from './limits.js';

const rulesOf = (input: string | Uint8Array) => [
  ...new Set(validateCollectorConfig(input).map(({ rule }) => rule)),
];
const MEGABYTE = MAX_INPUT_BYTES;
const filled = (piece: string) => piece.repeat(MEGABYTE / piece.length);

describe('an input that is not looked at', () => {
  it.each([
    ['text of 10 MB', 'a: b\n'.repeat(2 * MEGABYTE), 'input-size'],
    ['bytes of 10 MB', new Uint8Array(10 * MEGABYTE), 'input-size'],
    ['text of less than 1 MB in letters and more in bytes', 'ä'.repeat(MEGABYTE / 2 + 1), 'input-size'],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe), 'input-encoding'],
    ['a byte order mark', '\uFEFFreceivers: {}', 'input-encoding'],
    ['a byte order mark in bytes', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'input-encoding'],
    ['a NUL', 'receivers:\n  otlp\0:', 'input-encoding'],
  ])('is %s', (_, input, rule) => {
    expect(rulesOf(input)).toEqual([rule]);
  });

  it('says where its NUL stands', () => {
    expect(validateCollectorConfig('receivers:\n  otlp\0:')[0]?.position).toEqual({ line: 2, column: 7 });
  });

  it('of 10 MB comes back at once', () => {
    const large = 'a: b\n'.repeat(2 * MEGABYTE);
    const start = performance.now();
    validateCollectorConfig(large);
    expect(performance.now() - start).toBeLessThan(250);
  });
});

// Each of these took from minutes to for ever, or the stack, in one reader or another. The limit is for slow machines.
describe('a hostile megabyte ends soon', () => {
  const anchor = `a: &a {${Array.from({ length: 300 }, (_, at) => `k${at}: 1`).join(', ')}}`;
  const patterns = (pattern: string, count: number) =>
    `processors:\n  filter:\n    metrics:\n      exclude:\n        match_type: regexp\n        metric_names:\n${Array.from(
      { length: count },
      (_, at) => `        - '${pattern}${at}'`,
    ).join('\n')}`;
  const conditions = (condition: (at: number) => string, count: number) =>
    `processors:\n  filter:\n    metric_conditions:\n${Array.from({ length: count }, (_, at) => `    - ${condition(at)}`).join('\n')}`;

  it.each([
    ['nested lists', filled('['), 'too-deep'],
    ['nested block lists', filled('- '), 'too-deep'],
    ['nested maps', filled('{a: '), 'too-deep'],
    ['explicit keys', filled('? '), 'too-deep'],
    ['different keys', Array.from({ length: 80_000 }, (_, at) => `k${at}: `).join('\n'), 'input-size'],
    ['items', filled('- a\n'), 'input-size'],
    ['quotes', filled('"'), 'input-size'],
    ['documents', filled('---\n'), 'input-size'],
    ['commas', `[${','.repeat(MEGABYTE - 2)}]`, 'input-size'],
    ['dollars', `a: ${'$'.repeat(MEGABYTE - 3)}`, 'pipelines-missing'],
    ['open references', `a: "${'${x'.repeat(MEGABYTE / 3 - 3)}"`, 'pipelines-missing'],
    [
      'merges',
      `${anchor}\n${Array.from({ length: 5000 }, (_, at) => `b${at}: {<<: *a}`).join('\n')}`,
      'alias-expansion',
    ],
    ['an endless id', `receivers:\n  ? "${' '.repeat(MEGABYTE / 2)}a"\n  : 1`, 'component-id'],
    ['an endless duration', `processors:\n  batch:\n    timeout: ${'1s'.repeat(MEGABYTE / 3)}`, 'field-type'],
    [
      'unknown fields',
      `processors:\n  batch:\n${Array.from({ length: 15_000 }, (_, at) => `    send_batch_siz${at}: 1`).join('\n')}`,
      'unknown-field',
    ],
    ['large patterns', patterns(String.raw`\pL{1000}`.repeat(4), 1000), 'pipelines-missing'],
    ['many patterns', patterns('(a|b)*c', 10_000), 'pipelines-missing'],
    ['a deep condition', conditions(() => '('.repeat(20_000), 40), 'pipelines-missing'],
    [
      'many conditions',
      conditions((at) => `not IsMatch(metric.name, "^a{${at % 900}}b")`, 10_000),
      'pipelines-missing',
    ],
  ])('of %s', (_, input, rule) => {
    expect(input.length).toBeLessThanOrEqual(MEGABYTE);
    const start = performance.now();
    expect(rulesOf(input)).toContain(rule);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('with thousands of mistakes gives a hundred findings of a rule', () => {
    const fields = Array.from({ length: 5000 }, (_, at) => `    field${at}: 1`).join('\n');
    const findings = validateCollectorConfig(`processors:\n  batch:\n${fields}`);
    expect(findings.filter(({ rule }) => rule === 'unknown-field')).toHaveLength(100);
  });
});
