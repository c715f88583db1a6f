import { z } from 'zod';
import { ConfigError, loadConfig } from './load-config.js';
import { describeConfig, variable } from './variables.js';

const schema = z.object({
  port: variable('APP_PORT', 'Where it listens.', z.coerce.number().int().max(65_535).default(8080)),
  url: variable('APP_URL', 'What it talks to.', z.url()),
  secretFile: variable('APP_SECRET_FILE', 'File that holds the secret.', z.string()),
  level: variable('APP_LEVEL', 'How much it says.', z.enum(['info', 'debug']).optional()),
});

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfig(schema, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('configuration', () => {
  it('is parsed by the names of the variables, with defaults, and frozen', () => {
    const config = loadConfig(schema, {
      APP_URL: 'nats://localhost:1',
      APP_SECRET_FILE: '/s',
      APP_PORT: '9',
    });
    expect(config).toEqual({ port: 9, url: 'nats://localhost:1', secretFile: '/s', level: undefined });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(loadConfig(schema, { APP_URL: 'http://a', APP_SECRET_FILE: '/s', APP_PORT: '' }).port).toBe(8080);
  });

  it('reports all errors at once', () => {
    expect(problemsOf({ APP_PORT: '70000', APP_LEVEL: 'loud' })).toEqual([
      'APP_PORT is above the maximum of 65535',
      'APP_URL is required',
      'APP_SECRET_FILE is required',
      'APP_LEVEL must be one of info, debug',
    ]);
  });

  it('never repeats a value', () => {
    const problems = problemsOf({
      APP_PORT: 'hunter2',
      APP_URL: 'hunter2',
      APP_SECRET_FILE: 's',
      APP_LEVEL: 'hunter2',
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('describes its variables for the generated pages', () => {
    expect(describeConfig(schema)).toEqual([
      { name: 'APP_PORT', required: false, default: '8080', doc: 'Where it listens.' },
      { name: 'APP_URL', required: true, doc: 'What it talks to.' },
      { name: 'APP_SECRET_FILE', required: true, doc: 'File that holds the secret.' },
      { name: 'APP_LEVEL', required: false, doc: 'How much it says.' },
    ]);
  });
});
