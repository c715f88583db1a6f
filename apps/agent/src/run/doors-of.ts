import {
  CredentialRefused,
  openHttpLink,
  openLink,
  tryOverHttp,
  tryOverNats,
  type Clock,
  type Door,
  type LinkIdentity,
  type Log,
} from '#lib/agent-core';
import { hostSubjects } from '#lib/agent-protocol';
import type { AgentConfig } from '../agent.config.js';
import type { Credentials } from '../rotation/credential-rotation.js';
import type { ShownCredentials } from '../rotation/shown-credentials.js';
import type { HostDoor } from './host-door.js';

/** The ways of this host to the control plane, the best one first: its leaf, a hub itself, HTTPS. */
export function doorsOf(
  config: AgentConfig,
  { host, http, identity, tenant }: HostDoor,
  shown: ShownCredentials,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): readonly [Door, ...Door[]] {
  const own: LinkIdentity = { creds: () => shown.creds };
  const nats = (name: string, url: string, as: LinkIdentity): Door => ({
    name,
    open: () =>
      openLink({
        ...{ url, identity: as, inboxPrefix: hostSubjects(tenant, host).inboxPrefix },
        ...{ name: `agent ${host}`, clock, log },
      }),
  });
  const { PHOENIX_AGENT_HUB_URL: hubUrl, PHOENIX_AGENT_NATS_URL: natsUrl } = config;
  const credential = (): string => shown.httpCredential;
  return [
    nats('nats', natsUrl, 'creds' in identity ? own : identity),
    ...(hubUrl !== undefined && shown.creds !== '' ? [nats('hub', hubUrl, own)] : []),
    ...(http === undefined
      ? []
      : [
          {
            name: 'http',
            open: () => openHttpLink({ url: http.url, credential, tenant, host, clock, log }),
          },
        ]),
  ];
}

/**
 * A way to find out whether these credentials are let in: at the best door that answers. Undefined where no door is
 * ever shown them.
 */
export function credentialTrial(
  config: AgentConfig,
  { host, http, identity }: HostDoor,
): ((credentials: Credentials) => Promise<void>) | undefined {
  const { PHOENIX_AGENT_HUB_URL: hubUrl, PHOENIX_AGENT_NATS_URL: natsUrl } = config;
  const natsUrls = ['creds' in identity ? natsUrl : undefined, hubUrl].filter((url) => url !== undefined);
  const ways = [
    ...natsUrls.map((url) => (tried: Credentials) => tryOverNats(url, tried.creds, `agent ${host}, trial`)),
    ...(http === undefined ? [] : [(tried: Credentials) => tryOverHttp(http.url, tried.httpCredential)]),
  ];
  if (ways.length === 0) return undefined;
  return async (credentials) => {
    let failure: unknown;
    for (const way of ways) {
      try {
        await way(credentials);
        return;
      } catch (error) {
        // Whoever was reached and says no is right, whatever the next one says.
        if (error instanceof CredentialRefused) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}
