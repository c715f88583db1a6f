import { readFile } from 'node:fs/promises';
import type { LinkIdentity } from '#lib/agent-core';
import type { AgentConfig } from '../agent.config.js';
import { credsPath, readHttpCredential, readIdentity } from '../enrol/identity-file.js';

/** Who this host is and how it shows that. */
export type HostDoor = {
  readonly tenant: string;
  readonly host: string;
  readonly identity: LinkIdentity;
  /** Its way over HTTP; absent where its enrolment gave it none. */
  readonly http?: { readonly url: string; readonly credential: string };
};

/** This host has no name yet. */
export class NotEnrolled extends Error {
  override readonly name = 'NotEnrolled';

  constructor() {
    super('this host is not enrolled: run `phoenix-agent enrol --url <gateway> --token <token>` first');
  }
}

/** The environment first, then the enrolment. @throws NotEnrolled, or an error of the files */
export async function hostDoor(config: AgentConfig): Promise<HostDoor> {
  const { PHOENIX_AGENT_DIR: folder, PHOENIX_AGENT_HOST, PHOENIX_AGENT_TENANT } = config;
  const enrolled = await readIdentity(folder);
  const tenant = PHOENIX_AGENT_TENANT ?? enrolled?.tenant;
  const host = PHOENIX_AGENT_HOST ?? enrolled?.host;
  if (tenant === undefined || host === undefined) throw new NotEnrolled();
  const http = await httpWay(config, enrolled?.gatewayUrl);
  return { tenant, host, identity: await linkIdentity(config), ...(http !== undefined && { http }) };
}

async function httpWay(
  { PHOENIX_AGENT_DIR, PHOENIX_AGENT_GATEWAY_URL }: AgentConfig,
  enrolledAt: string | undefined,
): Promise<HostDoor['http'] | undefined> {
  const url = PHOENIX_AGENT_GATEWAY_URL ?? enrolledAt;
  const credential = await readHttpCredential(PHOENIX_AGENT_DIR);
  return url === undefined || credential === undefined ? undefined : { url, credential };
}

async function linkIdentity(config: AgentConfig): Promise<LinkIdentity> {
  const { PHOENIX_AGENT_NATS_USER: user, PHOENIX_AGENT_NATS_PASSWORD_FILE: file } = config;
  if (user !== undefined && file !== undefined)
    return { user, password: (await readFile(file, 'utf8')).trim() };
  return { creds: await readFile(credsPath(config.PHOENIX_AGENT_DIR), 'utf8') };
}
