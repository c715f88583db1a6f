import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import {
  readDestination,
  secretsOf,
  type DestinationProfile,
  type SecretReference,
  type SecretText,
} from '#lib/pipelines';
import type { Backend, Backends } from './backend.js';

const fileSchema = z.record(z.string().min(1).max(100), z.unknown());

/**
 * Reads destinations by their references, and the secrets that they name: from the agent's environment or from
 * files that only the agent may read. A collector gets its own destination's secrets and no others.
 * @throws Error that names the place and never a value
 */
export async function readDestinations(file: string, environment: NodeJS.ProcessEnv): Promise<Backends> {
  const backends = new Map<string, Backend>();
  for (const [ref, input] of Object.entries(await entriesOf(file))) {
    const read = readDestination(input);
    if (!read.ok) {
      const [first] = read.findings;
      throw new Error(`${file}: ${ref}.${first?.path ?? ''}: ${first?.message ?? 'is no destination'}`);
    }
    backends.set(ref, await backendOf(read.profile, environment));
  }
  return backends;
}

async function entriesOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  const parsed = fileSchema.safeParse(jsonOf(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is no JSON object of destinations`);
  return parsed.data;
}

/** What a parser says about a text quotes it, and the text may hold a secret. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function backendOf(profile: DestinationProfile, environment: NodeJS.ProcessEnv): Promise<Backend> {
  const variables = new Map<string, string>();
  const carried: Record<string, string> = {};
  for (const [index, reference] of secretsOf(profile).entries()) {
    const variable = `PHOENIX_DESTINATION_SECRET_${index}`;
    variables.set(keyOf(reference), variable);
    carried[variable] = await valueOf(reference, environment);
  }
  const secret: SecretText = (text) => {
    const variable = variables.get(keyOf(text));
    if (variable !== undefined) return `\${env:${variable}}`;
    // Text that is no secret stands for itself; every secret was read above.
    return typeof text === 'string' ? text : '';
  };
  return { destination: { kind: 'profile', profile, secret }, environment: carried, headers: {} };
}

const keyOf = (reference: SecretReference): string => JSON.stringify(reference);

async function valueOf(reference: SecretReference, environment: NodeJS.ProcessEnv): Promise<string> {
  if (typeof reference !== 'string')
    throw new Error('a key of a Kubernetes Secret has no meaning to an agent; name a file or a variable');
  const [, kind, place = ''] = /^\$\{(env|file):(.*)\}$/.exec(reference) ?? [];
  const value = kind === 'file' ? (await readFile(place, 'utf8')).trim() : environment[place];
  if (value === undefined || value === '') throw new Error(`${reference} of a destination is empty`);
  return value;
}
