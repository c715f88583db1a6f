import type { z } from 'zod';
import { documented, type ConfigSchema } from './variables.js';

/** Everything that is wrong with the environment, in one message that never holds a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`);
  }
}

/**
 * Parses the environment once. A variable set to the empty string counts as not set.
 * @returns the frozen configuration, keyed by the schema's fields
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function loadConfig<Schema extends ConfigSchema>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> {
  const names = new Map(
    Object.entries(schema.shape).map(([field, type]) => [field, documented(field, type).name] as const),
  );
  const input = Object.fromEntries(
    [...names].map(([field, name]) => [field, environment[name] || undefined]),
  );
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${nameOf(names, issue.path[0])} ${problemOf(issue, input)}`,
    );
    throw new ConfigError([...new Set(problems)]);
  }
  return Object.freeze(parsed.data);
}

function nameOf(names: ReadonlyMap<string, string>, field: PropertyKey | undefined): string {
  return names.get(String(field)) ?? String(field);
}

/** Written from the kind of the issue alone: zod's own messages may quote what they received. */
function problemOf(issue: z.core.$ZodIssue, input: Readonly<Record<string, unknown>>): string {
  if (input[String(issue.path[0])] === undefined) return 'is required';
  if (issue.code === 'too_small') return `is below the minimum of ${issue.minimum}`;
  if (issue.code === 'too_big') return `is above the maximum of ${issue.maximum}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format') return `is no valid ${issue.format}`;
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  return 'is invalid';
}
