import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { defaultDestination } from '#lib/pipelines';
import { agentEnvironment, type AgentConfig } from '../agent.config.js';
import type { Backend, Backends } from './backend.js';
import { readDestinations } from './destinations-file.js';

const headersSchema = z.record(z.string().regex(/^[\w-]+$/), z.string());

/** Reads the backends from the configuration. @throws Error, without a value */
export async function backendsOf(
  config: AgentConfig,
  environment: NodeJS.ProcessEnv = agentEnvironment(),
): Promise<Backends> {
  const { PHOENIX_DESTINATIONS_FILE: file } = config;
  const plain = await plainBackend(config);
  const named = file === undefined ? new Map<string, Backend>() : await readDestinations(file, environment);
  if (plain === undefined) return named;
  if (named.has(defaultDestination))
    throw new Error(
      `PHOENIX_BACKEND_OTLP and ${defaultDestination} in ${file ?? ''} are the same destination`,
    );
  return new Map([...named, [defaultDestination, plain]]);
}

async function plainBackend(config: AgentConfig): Promise<Backend | undefined> {
  const { PHOENIX_BACKEND_OTLP: endpoint, PHOENIX_BACKEND_HEADERS_FILE: file } = config;
  if (endpoint === undefined) return undefined;
  const headers = file === undefined ? {} : await readHeaders(file);
  const names = Object.keys(headers).map((name, index) => [name, `PHOENIX_BACKEND_HEADER_${index}`] as const);
  return {
    destination: { kind: 'backend', endpoint, headersEnv: Object.fromEntries(names) },
    environment: Object.fromEntries(names.map(([name, variable]) => [variable, headers[name] ?? ''])),
    headers,
  };
}

async function readHeaders(file: string): Promise<Readonly<Record<string, string>>> {
  const parsed = headersSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is no JSON object of header names and values`);
  return parsed.data;
}
