import { hostDecider, type HostCommand } from '#lib/domain';
import type { Actor, AggregateId, TenantId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock, type Nats } from '#lib/platform';
import { inLanes } from '../harness/rounds.js';
import { TENANT } from '../load/fleet-protocol.js';
import type { AppProcess } from './app.js';

const IN_FLIGHT = 512;
const tenant = TENANT as TenantId;
export const actor: Actor = { kind: 'user', id: 'bench' };

/** What every host of a bench is made of. */
export const inventory = {
  os: 'linux',
  kernel: '6.1.0',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 8e9,
  collector: { kind: 'otelcol', version: '0.149.0' },
} as const;

/** Enrols the hosts `h-0` and so on, as the gateway does when agents ask. */
export async function enrolHosts(nats: Nats, count: number): Promise<void> {
  const handler = new CommandHandler(new JetStreamEventStore(nats), systemClock);
  const lanes = Math.min(IN_FLIGHT, count);
  await inLanes(lanes, Math.ceil(count / lanes), async (lane, i) => {
    const n = lane + i * lanes;
    if (n >= count) return;
    const ref = { tenant, aggregate: 'host', id: `h-${n}` as AggregateId } as const;
    await handler.handle(hostDecider, ref, enrolment(n), {
      commandId: commandIdFrom('bench', `h-${n}`),
      actor,
    });
  });
}

function enrolment(n: number): HostCommand {
  const at = systemClock.iso();
  return { type: 'EnrolHost', at, hostname: `h-${n}`, labels: {}, publicKey: `U${n}`, inventory };
}

/** How many hosts are online, as the gateway tells it; undefined while it does not answer. */
export async function onlineHosts({ url }: AppProcess): Promise<number | undefined> {
  const response = await fetch(`${url}/metrics`).catch(() => undefined);
  const text = (await response?.text()) ?? '';
  const [, value] = /^phoenix_hosts_online(?:\{[^}]*\})? (\d+)$/m.exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
