// The table of rooms in one place: which room may import which. CI fails on anything else.
const rooms = {
  'libs/events': [],
  'libs/domain': ['libs/events'],
  'libs/otlp': [],
  'libs/pipelines': ['libs/events', 'libs/otlp'],
  'libs/metering': ['libs/otlp'],
  'libs/platform': ['libs/events', 'libs/domain/src/kernel'],
  'libs/database': ['libs/events', 'libs/platform'],
  'libs/agent-core': ['libs/events/src/agent-protocol', 'libs/platform/src/nats'],
  'libs/client': [],
  'apps/command-api': ['libs'],
  'apps/projector': ['libs/(?!domain/)'],
  'apps/agent-gateway': ['libs'],
  'apps/analyzer': ['libs'],
  'apps/agent': [
    'libs/agent-core',
    'libs/events/src/agent-protocol',
    'libs/otlp',
    'libs/pipelines',
    'libs/metering',
  ],
  'apps/cli': ['libs/client'],
  migrations: [],
  // The campaign's host process is of the agent's own room (`apps/agent/src/testing/recorded`), started by its path.
  'tools/campaign': ['libs', 'tools/(embedded|house|migrate)'],
  tools: ['libs', 'migrations', 'apps/[^/]+/src/(app\\.config|[^/]+\\.config|openapi)\\.ts'],
};

// Specs may also use the test parts and the test kits.
const TEST_ONLY = [
  'tools/(agent-file|browser|embedded)/src/index',
  'libs/platform/src/testing',
  'libs/[^/]+/src/index',
];
const NOT_SPEC = '\\.spec\\.ts$|/testing/';

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room.replace('/', '-')}`,
  comment: `${room} may import only ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: NOT_SPEC },
  to: {
    path: '^(libs|apps|tools|migrations)/',
    pathNot: [`^${room}/`, ...allowed.map((path) => `^${path}`)],
  },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'room-specs',
      comment: 'A spec stays in its room, and may use entries, test kits and test parts',
      severity: 'error',
      from: { path: '^((?:libs|apps)/[^/]+)/.*(\\.spec\\.ts$|/testing/)' },
      to: {
        path: '^(libs|apps|tools)/',
        pathNot: [
          '^$1/',
          ...TEST_ONLY.map((path) => `^${path}`),
          '^libs/events/src/agent-protocol/index',
          '^libs/domain/src/kernel/index',
        ],
      },
    },
    {
      name: 'every-import-resolves',
      comment: 'An import that cannot be followed is seen by no other rule',
      severity: 'error',
      from: { path: '^(libs|apps|tools|migrations)/' },
      to: { couldNotResolve: true },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-import-past-an-entry',
      comment: 'Another room is entered by its index only',
      severity: 'error',
      from: { path: '^((?:libs|apps|tools)/[^/]+)/' },
      to: {
        path: '^libs/[^/]+/src/',
        pathNot: [
          '^$1/',
          '/src/index\\.ts$',
          '/src/(agent-protocol|kernel|nats|testing|validation)/index\\.ts$',
        ],
      },
    },
    {
      name: 'no-validator-in-agents',
      comment:
        'Its catalogue and its engine for patterns take 5 MB of each agent; it has an entry of its own',
      severity: 'error',
      from: {
        path: '^(apps/(?:agent|simulator)/|libs/pipelines/src/(?!validation/))',
        pathNot: NOT_SPEC,
      },
      to: { path: '^libs/pipelines/src/validation/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-sibling-slices',
      comment: 'A feature folder of an app never imports its sibling; shared things move up or into a lib',
      severity: 'error',
      from: {
        path: '^(apps/(?:command-api|projector|agent-gateway|analyzer)/src)/([^/]+)/',
        pathNot: ['\\.spec\\.ts$', '/src/testing/'],
      },
      to: { path: '^$1/[^/]+/', pathNot: ['^$1/$2/', '^$1/shared/'] },
    },
    {
      name: 'nats-client-only-in-its-homes',
      severity: 'error',
      from: {
        path: '^(libs|apps|tools)/',
        pathNot: ['^libs/(platform|agent-core)/', '\\.spec\\.ts$', '/src/testing/'],
      },
      to: { path: 'node_modules/(@nats-io|nats)/' },
    },
    {
      name: 'typeorm-only-in-its-homes',
      severity: 'error',
      from: { path: '^(libs|apps|tools)/', pathNot: ['^libs/database/', '^tools/migrate/'] },
      to: { path: 'node_modules/typeorm/' },
    },
    {
      name: 'pure-language',
      comment: 'libs/events runs anywhere: no node built-ins, no Nest',
      severity: 'error',
      from: { path: '^libs/events/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-rules-know-no-framework',
      severity: 'error',
      from: { path: '^libs/(events|domain|otlp|pipelines|metering)/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/(@nestjs|fastify|typeorm|pg)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    // Leads `#lib/*` to the sources: package.json leads it into dist/, which is not looked at.
    tsConfig: { fileName: 'tsconfig.boundaries.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
