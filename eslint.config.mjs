import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';
import jestPlugin from 'eslint-plugin-jest';

const limits = {
  'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 10],
  'max-params': ['error', 4],
};

export default tseslint.config(
  { ignores: ['dist/', '.phoenix/', 'node_modules/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...limits,
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/unified-signatures': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a closed union instead of an enum.' },
        { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
      ],
    },
  },
  {
    // One clock is injected everywhere; only its home and process tools may ask the machine.
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: [
      '**/*.spec.ts',
      'libs/platform/src/lifecycle/**',
      'libs/platform/src/testing/**',
      'libs/agent-core/src/clock.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Inject the Clock.' },
        { object: 'process', property: 'env', message: 'Read configuration through a *.config.ts file.' },
      ],
    },
  },
  { files: ['**/*.config.ts', '**/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['**/*.spec.ts', '**/testing/**/*.ts'],
    plugins: { jest: jestPlugin },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'jest/no-disabled-tests': 'error',
      'jest/no-focused-tests': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.module.ts', 'apps/*/src/**/*.controller.ts', 'apps/*/src/**/*.ts'],
    rules: { 'max-params': ['error', 6] },
  },
  { files: ['**/*.mjs', '**/*.cjs'], rules: limits },
  prettier,
);
