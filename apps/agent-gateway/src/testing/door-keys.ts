import { join } from 'node:path';
import { openHttpLink, openLink, systemClock, type Link } from '#lib/agent-core';
import { hostSubjects, type EnrolResponse } from '#lib/agent-protocol';
import { readKeyFile, writePrivateFile } from '#lib/platform';
import { resolveNatsServer, startLeaf, type Leaf } from '#tools/embedded';
import { tenant, type GatewayHouse } from './gateway-house.js';

const clock = systemClock;
const log = { info: () => undefined, warn: () => undefined };

/** The three ways to the control plane. */
export const doorNames = ['leaf', 'direct', 'http'] as const;
export type DoorName = (typeof doorNames)[number];

/** The host's own leaf; the same port each time, so that it can be killed and started again. */
export async function leafOf(
  { parts }: GatewayHouse,
  { host, creds }: EnrolResponse,
  port?: number,
): Promise<Leaf> {
  const credsFile = join(parts.dir, `${host}-leaf.creds`);
  await writePrivateFile(credsFile, creds);
  return startLeaf({
    dir: join(parts.dir, `leaf-${host}`),
    natsServer: (await resolveNatsServer(() => undefined)).path,
    hubLeafUrl: parts.hub.leafUrl,
    credsFile,
    ...(port === undefined ? {} : { port }),
  });
}

/** A link through a leaf, shown its password. */
export async function throughLeaf({ host }: EnrolResponse, leaf: Leaf): Promise<() => Link> {
  const identity = { user: leaf.user, password: await readKeyFile(leaf.passwordFile) };
  const { inboxPrefix } = hostSubjects(tenant, host);
  return () => openLink({ url: leaf.url, identity, inboxPrefix, name: host, clock, log });
}

/** A link to the hub itself. */
export function direct({ config }: GatewayHouse, { host, creds }: EnrolResponse): () => Link {
  const { inboxPrefix } = hostSubjects(tenant, host);
  return () => openLink({ url: config.natsUrl, identity: { creds }, inboxPrefix, name: host, clock, log });
}

/** A link over HTTP to the gateway. */
export function overHttp(house: GatewayHouse, { host, httpCredential = '' }: EnrolResponse): () => Link {
  return () => openHttpLink({ url: house.url, credential: httpCredential, tenant, host, clock, log });
}
