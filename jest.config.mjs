const common = {
  testEnvironment: 'node',
  // Inside a test every look at a global is slow, and signing looks at these millions of times: a second per file.
  sandboxInjectedGlobals: ['Math', 'Float64Array'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^#lib/agent-protocol$': '<rootDir>/libs/events/src/agent-protocol/index.ts',
    '^#lib/collector-validation$': '<rootDir>/libs/pipelines/src/validation/index.ts',
    '^#lib/domain-kernel$': '<rootDir>/libs/domain/src/kernel/index.ts',
    '^#lib/platform-nats$': '<rootDir>/libs/platform/src/nats/index.ts',
    '^#lib/platform-testing$': '<rootDir>/libs/platform/src/testing/index.ts',
    '^#lib/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^#tools/(.*)$': '<rootDir>/tools/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.phoenix/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
        sourceMaps: 'inline',
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        },
      },
    ],
  },
};

const project = (name, suffix, extra = {}) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/{apps,libs,tools,migrations}/**/*.${suffix}.ts`],
  ...extra,
});

// Integration and end-to-end suites start real servers, so they run few at a time on a small machine, and with
// patience: tests wait for conditions, so a long limit costs nothing but the time of a failure.
export default {
  maxWorkers: 2,
  testTimeout: 120_000,
  testSequencer: '<rootDir>/tools/long-first.mjs',
  collectCoverageFrom: ['libs/*/src/**/*.ts', '!**/*.spec.ts', '!**/testing/**'],
  // Only the libraries are instrumented, and only when a run asks for it. A file of mere re-exports has no lines.
  coverageReporters: ['json'],
  projects: [project('unit', 'unit.spec'), project('int', 'int.spec'), project('e2e', 'e2e.spec')],
};
