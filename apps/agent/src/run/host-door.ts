import { readFile } from 'node:fs/promises';
import type { LinkIdentity } from '#lib/agent-core';
import type { AgentConfig } from '../agent.config.js';
import { credsPath, readIdentity } from '../enrol/identity-file.js';

/** Who this host is and how it shows that. */
export type HostDoor = { readonly tenant: string; readonly host: string; readonly identity: LinkIdentity };

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
  return { tenant, host, identity: await linkIdentity(config) };
}

async function linkIdentity(config: AgentConfig): Promise<LinkIdentity> {
  const { PHOENIX_AGENT_NATS_USER: user, PHOENIX_AGENT_NATS_PASSWORD_FILE: file } = config;
  if (user !== undefined && file !== undefined)
    return { user, password: (await readFile(file, 'utf8')).trim() };
  return { creds: await readFile(credsPath(config.PHOENIX_AGENT_DIR), 'utf8') };
}
