import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Destination } from '#lib/pipelines';
import type { AgentConfig } from '../agent.config.js';

/** The customer's backend, as collectors are told of it. */
export type Backend = {
  readonly destination: Extract<Destination, { kind: 'backend' }>;
  /** Header values by the environment variables that carry them, and by header name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
};

const headersSchema = z.record(z.string().regex(/^[\w-]+$/), z.string());

/** Reads the backend from the configuration; undefined where there is none. @throws Error, without a value */
export async function backendOf(config: AgentConfig): Promise<Backend | undefined> {
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
