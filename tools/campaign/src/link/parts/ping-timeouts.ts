import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { CampaignHost } from './host.js';
import type { CampaignHouse } from './house.js';

const TIMEOUT_MS = 2_000;
/** The reason that nats-server gives for a connection whose pings got no answer. */
const STALE = 'Stale Connection';

const closed = z.object({
  connections: z.array(z.object({ name: z.string().optional(), reason: z.string(), stop: z.string() })),
});

/** Connections of a host that were closed so far because pings got no answer, by the side that closed them. */
export interface PingTimeouts {
  readonly hub: number;
  readonly leaf: number;
}

/** Counts them. Those of direct hosts are gone with the hub that noticed them. @throws Error when the hub does not tell */
export async function pingTimeouts(house: CampaignHouse, host: CampaignHost): Promise<PingTimeouts> {
  if (host.way === 'direct') return { hub: await atHub(house, host), leaf: 0 };
  if (!existsSync(host.leafLog)) return { hub: 0, leaf: 0 };
  const lines = readFileSync(host.leafLog, 'utf8').split('\n');
  return { hub: 0, leaf: lines.filter((line) => line.includes(STALE)).length };
}

async function atHub({ hubMonitorUrl }: CampaignHouse, { id }: CampaignHost): Promise<number> {
  const url = `${hubMonitorUrl}/connz?state=closed&limit=10000`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const { connections } = closed.parse(await answer.json());
  return connections.filter(({ name, reason }) => name === id && reason === STALE).length;
}
