import { normalize } from 'node:path';
import type { ImportedConfig } from '#lib/pipelines';
import { agentEnvironment, type AgentConfig } from '../agent.config.js';

type References = ImportedConfig['references'];

/** What of this host a configuration that came from elsewhere may read; by default nothing. */
export type Permits = {
  /** Values by the names of variables; a name that is permitted and not set has none. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** Absolute paths; one that ends with a slash stands for all that is below it. */
  readonly files: readonly string[];
};

export const nothingPermitted: Permits = { variables: new Map(), files: [] };

/** Reads what the host permits from the agent's configuration, and the values from its environment. */
export function permitsOf(
  {
    PHOENIX_IMPORT_ENV: names = [],
    PHOENIX_IMPORT_FILES: files = [],
  }: Pick<AgentConfig, 'PHOENIX_IMPORT_ENV' | 'PHOENIX_IMPORT_FILES'>,
  environment: NodeJS.ProcessEnv = agentEnvironment(),
): Permits {
  return { variables: new Map(names.map((name) => [name, environment[name]])), files };
}

/** Why the host does not let a collector read all that it asks for; undefined when it does. Names no value. */
export function refusalOf({ files, strange, variables }: References, permits: Permits): string | undefined {
  const [unclear] = strange;
  if (unclear !== undefined) return `${unclear} has a reference that is neither a variable nor a file`;
  const unknown = variables.find((name) => !permits.variables.has(name));
  if (unknown !== undefined)
    return `the configuration reads the variable ${unknown}, which this host does not permit: name it in PHOENIX_IMPORT_ENV`;
  const unset = variables.find((name) => permits.variables.get(name) === undefined);
  if (unset !== undefined)
    return `the configuration reads the variable ${unset}, which this host permits but its agent does not have`;
  const closed = files.find((file) => !isPermitted(file, permits.files));
  if (closed === undefined) return undefined;
  return `the configuration reads the file ${closed}, which this host does not permit: name it in PHOENIX_IMPORT_FILES`;
}

/** The values of the variables that a collector asks for, and of no others. */
export function valuesFor({ variables }: References, permits: Permits): Readonly<Record<string, string>> {
  return Object.fromEntries(variables.map((name) => [name, permits.variables.get(name) ?? '']));
}

function isPermitted(file: string, permitted: readonly string[]): boolean {
  // What leads upwards must not lead out of a folder that is permitted.
  const path = normalize(file);
  return permitted.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one));
}
