import { plant, type PlantedHouse } from './testing/planted-house.js';

/** A text that breaks one house rule, where it stands, and the rule of the linter that says so. */
interface Offence {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

const offences: readonly Offence[] = [
  {
    what: 'time taken from the machine in a library',
    file: 'libs/domain/src/time.ts',
    text: 'export const now = (): number => Date.now();\n',
    rule: 'no-restricted-properties',
  },
  {
    what: 'time taken from the machine in an app',
    file: 'apps/analyzer/src/time.ts',
    text: 'export const now = (): number => Date.now();\n',
    rule: 'no-restricted-properties',
  },
  {
    what: 'the environment read outside a configuration file',
    file: 'apps/analyzer/src/setting.ts',
    text: "export const level = process.env['LEVEL'];\n",
    rule: 'no-restricted-properties',
  },
  {
    what: 'the environment taken apart outside a configuration file',
    file: 'libs/platform/src/setting.ts',
    text: 'const { env } = process;\nexport const count = Object.keys(env).length;\n',
    rule: 'no-restricted-properties',
  },
  {
    what: 'an enum',
    file: 'libs/events/src/kind.ts',
    text: "export enum Kind {\n  A = 'a',\n}\n",
    rule: 'no-restricted-syntax',
  },
  {
    what: 'a default export',
    file: 'tools/demo/src/default.ts',
    text: 'export default function run(): number {\n  return 1;\n}\n',
    rule: 'no-restricted-syntax',
  },
  {
    what: 'any',
    file: 'libs/otlp/src/loose.ts',
    text: 'export const loose = (value: any): string => typeof value;\n',
    rule: '@typescript-eslint/no-explicit-any',
  },
  {
    what: 'a promise that nobody waits for',
    file: 'apps/agent/src/floating.ts',
    text: 'export function run(task: () => Promise<void>): void {\n  task();\n}\n',
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    what: 'a switch that forgets a case',
    file: 'libs/pipelines/src/forgetful.ts',
    text: [
      "export function price(kind: 'low' | 'high'): number {",
      '  switch (kind) {',
      "    case 'low':",
      '      return 1;',
      '  }',
      '  return 0;',
      '}',
      '',
    ].join('\n'),
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  {
    what: 'a file that is too long',
    file: 'libs/metering/src/long.ts',
    text: Array.from({ length: 221 }, (_, line) => `export const line${line} = ${line};\n`).join(''),
    rule: 'max-lines',
  },
  {
    what: 'a test that is skipped',
    file: 'libs/metering/src/lazy.unit.spec.ts',
    text: "it.skip('counts points', () => {\n  expect(1).toBe(1);\n});\n",
    rule: 'jest/no-disabled-tests',
  },
];

const clean: Readonly<Record<string, string>> = {
  'apps/analyzer/src/analyzer.config.ts': 'export const environment = process.env;\n',
  'libs/platform/src/lifecycle/clock.ts': 'export const now = (): number => Date.now();\n',
  'libs/metering/src/meter.unit.spec.ts':
    "it('has a clock', () => {\n  expect(Date.now()).toBeGreaterThan(0);\n});\n",
  'tools/demo/src/environment.ts': "export const home = process.env['HOME'];\n",
};

interface LintedFile {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

describe('the house rules of the linter', () => {
  let house: PlantedHouse;
  let linted: readonly LintedFile[];

  beforeAll(() => {
    house = plant({ ...Object.fromEntries(offences.map(({ file, text }) => [file, text])), ...clean });
    const args = ['--format', 'json', 'apps', 'libs', 'tools'];
    linted = house.run('eslint/bin/eslint.js', args) as readonly LintedFile[];
  });
  afterAll(() => house.remove());

  const findings = (file: string): readonly string[] | undefined =>
    linted
      .find(({ filePath }) => filePath.endsWith(`/${file}`))
      ?.messages.map(({ ruleId, message }) => ruleId ?? message);

  it.each(offences)('refuse $what', ({ file, rule }) => {
    expect(findings(file)).toEqual([rule]);
  });

  it.each(Object.keys(clean))('let through %s', (file) => {
    expect(findings(file)).toEqual([]);
  });
});
