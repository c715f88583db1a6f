import { plant, type Files, type PlantedHouse } from './testing/planted-house.js';

/** One import that must not be, the file it stands in, and the one rule that says so. */
interface Violation {
  readonly what: string;
  readonly file: string;
  readonly imports: string;
  readonly rule: string;
}

const rooms: Files = {
  'libs/events/src/index.ts': 'export const tongue = 1;\n',
  'libs/events/src/agent-protocol/index.ts': 'export const hello = 1;\n',
  'libs/domain/src/index.ts': 'export const rules = 1;\n',
  'libs/domain/src/kernel/index.ts': 'export const kernel = 1;\n',
  'libs/otlp/src/index.ts': 'export const points = 1;\n',
  'libs/metering/src/index.ts': 'export const meter = 1;\n',
  'libs/pipelines/src/index.ts': 'export const pipes = 1;\n',
  'libs/pipelines/src/validation/index.ts': 'export const findings = 1;\n',
  'libs/platform/src/index.ts': 'export const pipework = 1;\n',
  'libs/platform/src/testing/index.ts': 'export const kit = 1;\n',
  'libs/database/src/index.ts': 'export const rows = 1;\n',
  'libs/database/src/inner.ts': 'export const secret = 1;\n',
  'libs/agent-core/src/index.ts': 'export const core = 1;\n',
  'libs/client/src/index.ts': 'export const client = 1;\n',
  'apps/projector/src/view.ts': 'export const view = 1;\n',
  'apps/projector/src/projector.config.ts': 'export const config = 1;\n',
  'apps/projector/src/hosts/hosts.ts': 'export const hosts = 1;\n',
  'apps/projector/src/shared/common.ts': 'export const common = 1;\n',
  'tools/embedded/src/index.ts': 'export const parts = 1;\n',
};

const violations: readonly Violation[] = [
  {
    what: 'a pure library that imports plumbing',
    file: 'libs/domain/src/planted.ts',
    imports: '#lib/platform',
    rule: 'room-libs-domain',
  },
  {
    what: 'the language of events, which imports nothing',
    file: 'libs/events/src/to-otlp.ts',
    imports: '#lib/otlp',
    rule: 'room-libs-events',
  },
  {
    what: 'plumbing that knows a business word',
    file: 'libs/platform/src/planted.ts',
    imports: '#lib/domain',
    rule: 'room-libs-platform',
  },
  {
    what: 'the projector deciding something',
    file: 'apps/projector/src/planted.ts',
    imports: '#lib/domain',
    rule: 'room-apps-projector',
  },
  {
    what: 'the agent reaching for the database',
    file: 'apps/agent/src/planted.ts',
    imports: '#lib/database',
    rule: 'room-apps-agent',
  },
  {
    what: 'the command line reaching past its client',
    file: 'apps/cli/src/planted.ts',
    imports: '#lib/platform',
    rule: 'room-apps-cli',
  },
  {
    what: 'the client of the public door importing the inside',
    file: 'libs/client/src/planted.ts',
    imports: '#lib/events',
    rule: 'room-libs-client',
  },
  {
    what: 'an app that imports an app',
    file: 'apps/analyzer/src/planted.ts',
    imports: '../../projector/src/view.js',
    rule: 'room-apps-analyzer',
  },
  {
    what: 'a tool that imports more of an app than its configuration',
    file: 'tools/demo/src/planted.ts',
    imports: '../../../apps/projector/src/view.js',
    rule: 'room-tools',
  },
  {
    what: 'an app that imports a tool',
    file: 'apps/command-api/src/planted.ts',
    imports: '#tools/embedded',
    rule: 'room-apps-command-api',
  },
  {
    what: 'a migration that imports tables as they are today',
    file: 'migrations/1-planted.ts',
    imports: '#lib/database',
    rule: 'room-migrations',
  },
  {
    what: 'a spec that looks into another room',
    file: 'libs/metering/src/planted.unit.spec.ts',
    imports: '../../../apps/projector/src/view.js',
    rule: 'room-specs',
  },
  {
    what: 'an import past an entry',
    file: 'apps/analyzer/src/deep.ts',
    imports: '../../../libs/database/src/inner.js',
    rule: 'no-import-past-an-entry',
  },
  {
    what: 'the agent carrying the validator',
    file: 'apps/agent/src/heavy.ts',
    imports: '#lib/collector-validation',
    rule: 'no-validator-in-agents',
  },
  {
    what: 'pipelines carrying the validator to all who import them',
    file: 'libs/pipelines/src/heavy.ts',
    imports: './validation/index.js',
    rule: 'no-validator-in-agents',
  },
  {
    what: 'a slice that imports its sibling',
    file: 'apps/projector/src/experiments/planted.ts',
    imports: '../hosts/hosts.js',
    rule: 'no-sibling-slices',
  },
  {
    what: 'the NATS client in an app',
    file: 'apps/agent-gateway/src/planted.ts',
    imports: '@nats-io/transport-node',
    rule: 'nats-client-only-in-its-homes',
  },
  {
    what: 'the classic NATS client in a tool',
    file: 'tools/demo/src/classic.ts',
    imports: 'nats',
    rule: 'nats-client-only-in-its-homes',
  },
  {
    what: 'TypeORM in an app',
    file: 'apps/analyzer/src/store.ts',
    imports: 'typeorm',
    rule: 'typeorm-only-in-its-homes',
  },
  {
    what: 'a node built-in in the language of events',
    file: 'libs/events/src/from-disk.ts',
    imports: 'node:fs',
    rule: 'pure-language',
  },
  {
    what: 'a framework in the rules',
    file: 'libs/domain/src/injectable.ts',
    imports: '@nestjs/common',
    rule: 'pure-rules-know-no-framework',
  },
  {
    what: 'an import that leads nowhere',
    file: 'libs/otlp/src/planted.ts',
    imports: '#lib/nowhere',
    rule: 'every-import-resolves',
  },
];

const cycle: Files = {
  'libs/metering/src/one.ts': "import { two } from './two.js';\nexport const one: number = two;\n",
  'libs/metering/src/two.ts': "import type { one } from './one.js';\nexport const two = 2 as typeof one;\n",
};

/** One file of each kind, importing all that its room allows. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'libs/domain/src/clean.ts': ['#lib/events'],
  'libs/platform/src/clean.ts': [
    '#lib/events',
    '#lib/domain-kernel',
    '@nats-io/jetstream',
    'node:fs',
    '@nestjs/core',
  ],
  'libs/platform/src/clean.int.spec.ts': ['#tools/embedded', './testing/index.js', '#lib/agent-protocol'],
  'libs/database/src/clean.ts': ['#lib/platform', 'typeorm', './inner.js'],
  'libs/agent-core/src/clean.ts': ['#lib/agent-protocol', '@nats-io/transport-node'],
  'apps/agent/src/clean.ts': [
    '#lib/agent-core',
    '#lib/agent-protocol',
    '#lib/metering',
    '#lib/pipelines',
    '#lib/otlp',
  ],
  'apps/projector/src/experiments/clean.ts': [
    '../shared/common.js',
    '../projector.config.js',
    '#lib/database',
  ],
  'apps/projector/src/experiments/clean.unit.spec.ts': ['../hosts/hosts.js', '#lib/platform-testing'],
  'apps/cli/src/clean.ts': ['#lib/client'],
  'tools/demo/src/clean.ts': [
    '#tools/embedded',
    '#lib/collector-validation',
    '#lib/metering',
    '../../../apps/projector/src/projector.config.js',
  ],
};

describe('the rules between rooms', () => {
  let house: PlantedHouse;
  let found: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    house = plant({
      ...rooms,
      ...cycle,
      ...Object.fromEntries(violations.map(({ file, imports }) => [file, importing([imports])])),
      ...Object.fromEntries(Object.entries(allowed).map(([file, imports]) => [file, importing(imports)])),
    });
    found = violationsByFile(house);
  });
  afterAll(() => house.remove());

  it.each(violations)('refuse $what', ({ file, rule }) => {
    expect(found.get(file)).toEqual([rule]);
  });

  it('refuse a cycle, also one that a type closes', () => {
    expect(Object.keys(cycle).flatMap((file) => found.get(file) ?? [])).toEqual(['no-cycles']);
  });

  it.each(Object.keys(allowed))('let through what a room may import: %s', (file) => {
    expect(found.get(file)).toBeUndefined();
  });

  it('find nothing but what was planted', () => {
    const planted = [...violations.map(({ file }) => file), ...Object.keys(cycle)];
    expect(planted).toEqual(expect.arrayContaining([...found.keys()]));
  });
});

function importing(specifiers: readonly string[]): string {
  return specifiers.map((specifier) => `import '${specifier}';\n`).join('');
}

/** Cruises the tree as `npm run boundaries` does; names of the broken rules by the file that breaks them. */
function violationsByFile(house: PlantedHouse): ReadonlyMap<string, readonly string[]> {
  const answer = house.run('dependency-cruiser/bin/dependency-cruise.mjs', [
    ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
    ...['apps', 'libs', 'tools', 'migrations'],
  ]) as { readonly summary: { readonly violations: readonly { from: string; rule: { name: string } }[] } };
  const byFile = new Map<string, string[]>();
  for (const { from, rule } of answer.summary.violations)
    byFile.set(from, [...(byFile.get(from) ?? []), rule.name]);
  return byFile;
}
