import {
  nodeDisk,
  openHttpLink,
  openLink,
  type Clock,
  type Door,
  type LinkIdentity,
  type Log,
} from '#lib/agent-core';
import { hostSubjects } from '#lib/agent-protocol';
import type { AgentConfig } from '../agent.config.js';
import { credsPath } from '../enrol/identity-file.js';
import type { HostDoor } from './host-door.js';

/** The ways of this host to the control plane, the best one first: its leaf, a hub itself, HTTPS. */
export async function doorsOf(
  config: AgentConfig,
  hostDoor: HostDoor,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<readonly [Door, ...Door[]]> {
  const { host, http, identity, tenant } = hostDoor;
  const nats = (name: string, url: string, as: LinkIdentity): Door => ({
    name,
    open: () =>
      openLink({
        ...{ url, identity: as, inboxPrefix: hostSubjects(tenant, host).inboxPrefix },
        ...{ name: `agent ${host}`, clock, log },
      }),
  });
  const { PHOENIX_AGENT_HUB_URL: hubUrl, PHOENIX_AGENT_NATS_URL: natsUrl } = config;
  const creds = (await nodeDisk.read(credsPath(config.PHOENIX_AGENT_DIR)))?.toString('utf8');
  return [
    nats('nats', natsUrl, identity),
    ...(hubUrl !== undefined && creds !== undefined ? [nats('hub', hubUrl, { creds })] : []),
    ...(http === undefined
      ? []
      : [{ name: 'http', open: () => openHttpLink({ ...http, tenant, host, clock, log }) }]),
  ];
}
