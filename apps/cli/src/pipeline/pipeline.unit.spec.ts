import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineDiffAnswer, PipelineUsageAnswer, ValidationAnswer } from '#lib/client';
import { UsageError } from '../exit-codes.js';
import { buildProgram } from '../program.js';
import { diffText, usageText } from './answers.js';
import { findingsText } from './findings.js';
import { contentOf } from './options.js';

let folder: string;
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-pipeline-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command line of pipelines', () => {
  it.each([
    [['create', '--template', 'topk'], 'commander.missingMandatoryOptionValue'],
    [['deprecate', 'p'], 'commander.missingMandatoryOptionValue'],
    [['revise'], 'commander.missingArgument'],
    [['import', 'a.yaml'], 'commander.missingMandatoryOptionValue'],
    [['import', 'a.yaml', '--as', 'candidate'], 'commander.invalidArgument'],
    [['render', '--template', 'topk'], 'commander.missingMandatoryOptionValue'],
    [['list', '--loud'], 'commander.unknownOption'],
    [['fly'], 'commander.unknownCommand'],
  ])('refuses the words %j', async (words, code) => {
    const program = buildProgram(() => undefined);
    silence(program);
    await expect(program.parseAsync(['pipeline', ...words], { from: 'user' })).rejects.toMatchObject({
      code,
    });
  });

  it.each([
    [['create', '--name', 'n'], /one of --template/],
    [['create', '--name', 'n', '--template', 'topk', '--yaml', 'x'], /one of --template/],
    [['create', '--name', 'n', '--spec', 'x', '--param', 'k=1'], /--param needs/],
    [['create', '--name', 'n', '--yaml', '/none.yaml'], /cannot be read: ENOENT/],
    [['create', '--name', 'n', '--template', 'topk', '--param', 'k'], /not key=value/],
    [['revise', 'p', '--again', 'first'], /--again takes/],
    [['revise', 'p', '--again', '1', '--template', 'topk'], /instead of/],
    [['revise', 'p', '--template', 'topk', '--seen', 'x'], /--seen takes/],
    [['show', 'p', '--version', 'x'], /--version takes/],
    [['diff', 'p', '1'], /both versions/],
    [['diff', 'p', '1', 'two'], /to takes/],
    [['validate'], /a file or --template/],
    [['validate', 'a.yaml', '--template', 'topk'], /a file or --template/],
    [['validate', '/none.yaml'], /cannot be read: ENOENT/],
    [['import', '/none.yaml', '--as', 'baseline'], /cannot be read: ENOENT/],
  ])('says what is wrong with %j before it calls anything', async (words, message) => {
    const run = buildProgram(() => undefined).parseAsync(['pipeline', ...words], { from: 'user' });
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toBeInstanceOf(UsageError);
  });

  it('reads a specification from JSON and from YAML, and a configuration as it is', () => {
    const spec = { source: { kind: 'hostmetrics' } };
    const json = file('spec.json', JSON.stringify(spec));
    const yaml = file('spec.yaml', 'source:\n  kind: hostmetrics\n');
    expect(contentOf({ spec: json, param: [] })).toEqual({ spec });
    expect(contentOf({ spec: yaml, param: [] })).toEqual({ spec });
    expect(contentOf({ spec: json, forHost: 'web-1', param: [] })).toEqual({ spec, forHost: 'web-1' });
    expect(contentOf({ yaml, param: [] })).toEqual({ yaml: 'source:\n  kind: hostmetrics\n' });
    expect(contentOf({ template: 'topk', param: ['k=5'] })).toEqual({
      template: 'topk',
      parameters: { k: 5 },
    });
  });

  it.each([
    ['a list', '- a', /has to be a map/],
    ['no YAML', 'a: [', /neither JSON nor YAML/],
    ['no UTF-8', new Uint8Array([0xff, 0xfe]), /not UTF-8/],
    ['over a megabyte', 'x'.repeat(1_000_001), /larger than 1 MB/],
  ])('takes no specification that is %s', (_case, content, message) => {
    const spec = file('wrong', content);
    expect(() => contentOf({ spec, param: [] })).toThrow(message);
  });

  it('writes each finding with its place, rule and fix', () => {
    const found: ValidationAnswer = {
      ...{ valid: false, kind: 'yaml', errors: 1, warnings: 1 },
      findings: [
        {
          ...{ rule: 'unknown-field', severity: 'error', path: 'a.b', line: 2, column: 3 },
          ...{ message: 'No.', fix: 'Do.' },
        },
        {
          ...{ rule: 'batch-last', severity: 'warning', path: 'processors.1', line: null, column: null },
          ...{ message: 'Hm.', fix: 'Move it.' },
        },
      ],
    };
    expect(findingsText('c.yaml', found)).toBe(
      [
        'c.yaml: 1 errors, 1 warnings',
        'error    2:3 a.b: No. [unknown-field]',
        '         fix: Do.',
        'warning  processors.1: Hm. [batch-last]',
        '         fix: Move it.',
      ].join('\n'),
    );
    expect(findingsText('c.yaml', { ...found, findings: [] })).toBe('c.yaml: nothing found');
  });

  it('writes a difference by path and as text', () => {
    const answer: PipelineDiffAnswer = {
      ...{ from: 1, to: 2, equal: false },
      specification: {
        changes: [
          { path: 'processors.1.k', change: 'changed', before: 5, after: 7 },
          { path: 'processors.2', change: 'added', after: { kind: 'x' } },
          { path: 'source.y', change: 'removed', before: 1 },
        ],
      },
      rendered: { host: 'h1', text: '-a\n+b\n', reason: null },
    };
    expect(diffText(answer)).toBe(
      '~ processors.1.k: 5 -> 7\n+ processors.2: {"kind":"x"}\n- source.y: 1\n\n-a\n+b',
    );
    const unlike = { ...answer, specification: { noData: true, reason: 'unlike' } } as const;
    expect(diffText({ ...unlike, rendered: { host: null, text: '', reason: null } })).toBe(
      'no data: unlike\n\nrendered for an example host both are the same',
    );
    expect(diffText({ ...answer, equal: true })).toBe('both say the same');
  });

  it('says of a host that has not reported that there is no data', () => {
    const use = { role: 'candidate', version: 2 };
    const usage: PipelineUsageAnswer = {
      experiments: [{ id: 'e1', name: 'n', phase: 'running', ...use }],
      hosts: [{ host: 'h1', experimentId: 'e1', ...use, desired: 'yes', effective: 'no-data' }],
      leftOut: { experiments: false, hosts: true },
    };
    expect(usageText(usage)).toMatch(/^h1 +2 +yes +no data +e1 +candidate$/m);
    expect(usageText(usage)).toMatch(/there are more/);
    expect(usageText({ ...usage, experiments: [], hosts: [] })).toBe('no experiment uses it');
  });
});

function silence(command: ReturnType<typeof buildProgram>): void {
  command.configureOutput({ writeErr: () => undefined });
  command.commands.forEach(silence);
}
