import { setTimeout as sleep } from 'node:timers/promises';
import { bench, type Progress } from '../harness/bench.js';
import { startApp } from '../parts/app.js';
import { enrolHosts, onlineHosts } from '../parts/enrolled-hosts.js';
import { withHubAndDatabase, type HubParts } from '../parts/hub.js';
import { startIdleHosts, type IdleHosts, type Way } from '../parts/idle-hosts.js';
import { until } from '#tools/house';

/** On each of the two ways. */
const HOSTS = 10;
const MEASURED_SECONDS = 90;
const BUDGET_MS = 60_000;
const counted = `Counted is all that TCP carries in both directions: subjects, bodies and the protocol's own lines and pings. Not in it are the headers of TCP and IP, and TLS, which is off here.`;

/** What an idle host costs on the line. */
export const idleBench = bench({
  metrics: {
    'gateway.idle-bytes': {
      unit: 'kB/min',
      goal: { kind: 'limit', atMost: 8 },
      what: `Between the hub and the leaf of one idle host, per minute, over ${MEASURED_SECONDS} s of ${HOSTS} hosts, each the agent's own session behind a leaf of its own. ${counted}`,
    },
    'gateway.idle-bytes-direct': {
      unit: 'kB/min',
      goal: { kind: 'limit', atMost: 8 },
      what: 'The same for hosts that are connected to the hub by themselves.',
    },
    'gateway.connect-bytes': {
      unit: 'kB',
      goal: { kind: 'reported' },
      what: `Once for each connect of a host behind a leaf: both handshakes, its hello with its inventory and its first heartbeat.`,
    },
    'gateway.connect-bytes-direct': {
      unit: 'kB',
      goal: { kind: 'reported' },
      what: 'The same for hosts that are connected to the hub by themselves.',
    },
  },
  run: (report) => withHubAndDatabase((parts) => measure(parts, report)),
});

async function measure(parts: HubParts & { readonly databaseUrl: string }, report: Progress) {
  const gateway = await startApp('agent-gateway', parts);
  const started: IdleHosts[] = [];
  const come = async (way: Way): Promise<IdleHosts> => {
    const first = started.length * HOSTS;
    const hosts = await startIdleHosts(
      parts,
      way,
      Array.from({ length: HOSTS }, (_, n) => `h-${first + n}`),
    );
    started.push(hosts);
    const online = started.length * HOSTS;
    await until(BUDGET_MS, `${online} hosts are online`, async () => (await onlineHosts(gateway)) === online);
    return hosts;
  };
  try {
    await until(BUDGET_MS, 'the gateway is ready', async () => (await onlineHosts(gateway)) === 0);
    await enrolHosts(parts.nats, 2 * HOSTS);
    const leaf = await come('leaf');
    const leafConnect = leaf.bytes();
    const direct = await come('direct');
    const directConnect = direct.bytes();
    report(`${2 * HOSTS} idle hosts are online; nothing happens for ${MEASURED_SECONDS} s`);
    const [leafIdle, directIdle] = await Promise.all([perMinute(leaf), perMinute(direct)]);
    for (const hosts of started) await nothingWentRound(hosts, report);
    return {
      'gateway.idle-bytes': { value: leafIdle },
      'gateway.idle-bytes-direct': { value: directIdle },
      'gateway.connect-bytes': { value: perHost(leafConnect) },
      'gateway.connect-bytes-direct': { value: perHost(directConnect) },
    };
  } finally {
    await Promise.all(started.map((hosts) => hosts.stop()));
    await gateway.stop();
  }
}

async function perMinute(hosts: IdleHosts): Promise<number> {
  const [bytes, at] = [hosts.bytes(), performance.now()];
  await sleep(MEASURED_SECONDS * 1000);
  return perHost(hosts.bytes() - bytes) / ((performance.now() - at) / 60_000);
}

/** @throws Error when the hub took more from these hosts and gave them more than was counted on the way */
async function nothingWentRound(hosts: IdleHosts, report: Progress): Promise<void> {
  const bodies = await hosts.bodiesAtHub();
  const all = hosts.bytes();
  report(`${all} bytes on the line since they came, ${bodies} of them bodies by the hub's own count`);
  if (bodies === 0 || bodies > all) throw new Error('what was counted is not what went over the line');
}

/** In kB of 1000 bytes. */
function perHost(bytes: number): number {
  return bytes / HOSTS / 1000;
}
