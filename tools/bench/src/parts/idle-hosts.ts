import { join } from 'node:path';
import { openLink, runSession, systemClock, type Link } from '#lib/agent-core';
import { hostSubjects } from '#lib/agent-protocol';
import { mintHostCreds, readKeyFile, writePrivateFile } from '#lib/platform';
import { resolveNatsServer, startLeaf } from '#tools/embedded';
import { TENANT } from '../load/fleet-protocol.js';
import { openCountedDoor, type CountedDoor } from './counted-door.js';
import { inventory } from './enrolled-hosts.js';
import type { HubParts } from './hub.js';

/** How a host reaches the hub: by a leaf of its own, or by itself. */
export type Way = 'leaf' | 'direct';

/** Hosts that have nothing to do, of the agent's own link and session. */
export interface IdleHosts {
  /** Bytes between these hosts and the hub, both directions together, since they were started. */
  bytes(): number;
  /** The same by the hub's own count, which knows the bodies of messages and nothing else. */
  bodiesAtHub(): Promise<number>;
  stop(): Promise<void>;
}

interface IdleHost {
  stop(): Promise<void>;
}

const log = { info: () => undefined, warn: () => undefined };
const clock = systemClock;

/** Starts one idle host for each id; all of them go this way, through one door that counts. */
export async function startIdleHosts(parts: HubParts, way: Way, ids: readonly string[]): Promise<IdleHosts> {
  const door = await openCountedDoor(new URL(way === 'leaf' ? parts.hub.leafUrl : parts.hub.url));
  const hosts = await Promise.all(ids.map((id) => startHost(parts, { way, door, id })));
  return {
    bytes: () => door.bytes(),
    bodiesAtHub: () => bodiesAt(parts.hub.monitorUrl, way, ids),
    stop: async () => {
      await Promise.all(hosts.map((host) => host.stop()));
      await door.close();
    },
  };
}

type Counted = { readonly name: string; readonly in_bytes: number; readonly out_bytes: number };

/** Only the hosts of this bench have leafs, so all leafs are theirs. */
async function bodiesAt(monitorUrl: string, way: Way, ids: readonly string[]): Promise<number> {
  const answer = await fetch(`${monitorUrl}/${way === 'leaf' ? 'leafz' : 'connz'}`);
  const { connections, leafs } = (await answer.json()) as Readonly<Record<string, readonly Counted[]>>;
  const theirs = leafs ?? connections?.filter(({ name }) => ids.includes(name)) ?? [];
  if (theirs.length !== ids.length) throw new Error(`the hub sees ${theirs.length} of ${ids.length} hosts`);
  return theirs.reduce((sum, { in_bytes, out_bytes }) => sum + in_bytes + out_bytes, 0);
}

type Place = { readonly way: Way; readonly door: CountedDoor; readonly id: string };

async function startHost(parts: HubParts, place: Place): Promise<IdleHost> {
  const { creds } = await mintHostCreds(parts.hub.security, { tenant: TENANT, host: place.id });
  if (place.way === 'direct') return talk(place.id, `nats://127.0.0.1:${place.door.port}`, { creds });
  const credsFile = join(parts.dir, `${place.id}.creds`);
  await writePrivateFile(credsFile, creds);
  const leaf = await startLeaf({
    dir: join(parts.dir, `leaf-${place.id}`),
    natsServer: (await resolveNatsServer(() => undefined)).path,
    hubLeafUrl: `nats-leaf://127.0.0.1:${place.door.port}`,
    credsFile,
  });
  const password = await readKeyFile(leaf.passwordFile);
  const host = talk(place.id, leaf.url, { user: leaf.user, password });
  return {
    stop: async () => {
      await host.stop();
      await leaf.stop();
    },
  };
}

/** Says hello with its inventory at each connect, and sends heartbeats, as the agent does. */
function talk(host: string, url: string, identity: Parameters<typeof openLink>[0]['identity']): IdleHost {
  const { inboxPrefix } = hostSubjects(TENANT, host);
  const link: Link = openLink({ url, identity, inboxPrefix, name: host, clock, log });
  const leaving = new AbortController();
  const session = runSession(
    {
      ...{ link, clock, log, generation: () => 0 },
      identity: { tenant: TENANT, host, ...run, inventory },
      vitals: () => Promise.resolve(vitals),
      accept: ({ taskId }) => Promise.resolve({ taskId, status: 'accepted' }),
    },
    leaving.signal,
  );
  return {
    stop: async () => {
      leaving.abort();
      await session;
      await link.close();
    },
  };
}

/** As long as the real ones. */
const run = {
  bootId: '0b9c2f4e-7d1a-4f43-9a55-3c1f6f0a7e21',
  epoch: '5d0e8a3c-1f7b-4c62-8e94-b2a7c9d4e610',
  agentVersion: '0.1.0',
};
const vitals = {
  agent: { cpuPercent: 0.43, rssBytes: 91_889_664 },
  outbox: { results: 0, metrics: 0, dropped: 0 },
  collectors: [],
};
