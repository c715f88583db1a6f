import { setTimeout as sleep } from 'node:timers/promises';
import { offlineSince } from '../history/dump.js';
import type { Heal, Stage } from '../unrest.js';
import { grown, type Counters } from './counters.js';
import type { Network } from './network.js';
import { staleConnections } from './stale.js';
import { HUB_NODE, nodeName, type NetFault } from './steps.js';
import { grownLink, type Wire } from './wire.js';

/** Well above the gateway's limit, for a gateway that has just begun and counts from then. */
const OFFLINE_BUDGET_MS = 150_000;
const POLL_MS = 500;
const healed: Heal = () => Promise.resolve();

/** Does it to a real link. Once it is good again, what the kernel counted meanwhile is written down. */
export async function beginOnLink(stage: Stage, network: Network, fault: NetFault): Promise<Heal> {
  const node = nodeOf(stage, fault);
  const wire = network.wire(node);
  const hub = network.wire(HUB_NODE);
  const began = performance.now();
  const since = new Date().toISOString();
  const [before, hubBefore] = [await wire.counters(), await hubCounters(stage, hub)];
  await strike(wire, fault);
  const heal: Heal = async () => {
    const wentOffline = fault.kind === 'offline' && (await isOfflineSoon(stage, fault.host, since));
    if ('ms' in fault) await sleep(Math.max(0, fault.ms - (performance.now() - began)));
    await wire.mend();
    const after = await wire.counters();
    stage.recorder.note<'link-healed'>({
      ...{ type: 'link-healed', kind: fault.kind, node, ...grownLink(after, before) },
      hub: grown(await hubCounters(stage, hub), hubBefore),
      wentOffline,
    });
  };
  if (fault.kind !== 'trunk-cut') return heal;
  // Nobody is in order while the hub is away, so this one is over before another begins.
  await heal();
  return healed;
}

/** TCP at the hub's end, and how often the hub itself gave a connection up. */
async function hubCounters({ house }: Stage, hub: Wire): Promise<Counters> {
  const stale = await staleConnections(house.hubMonitorUrl);
  return { ...(await hub.counters()).tcp, staleConnections: stale };
}

async function strike(wire: Wire, fault: NetFault): Promise<void> {
  switch (fault.kind) {
    case 'cut':
    case 'long-cut':
    case 'offline':
    case 'trunk-cut':
      return wire.cut();
    case 'throttled':
    case 'reordered':
    case 'lossy':
      return wire.become(fault);
    case 'readdressed':
      return wire.readdress();
  }
}

function nodeOf({ hosts }: Stage, fault: NetFault): string {
  if (fault.kind === 'trunk-cut') return HUB_NODE;
  const host = hosts[fault.host];
  if (host === undefined) throw new Error(`there is no host ${fault.host}`);
  return nodeName(host.way, 'part' in fault ? fault.part : 'host');
}

/** Whether the gateway held the host for offline before the patience was over. */
async function isOfflineSoon({ hosts, house }: Stage, place: number, since: string): Promise<boolean> {
  const deadline = performance.now() + OFFLINE_BUDGET_MS;
  while (performance.now() < deadline) {
    const offline = await offlineSince(house.nats, since).catch(() => []);
    if (offline.some((host) => host === hosts[place]?.id)) return true;
    await sleep(POLL_MS);
  }
  return false;
}
