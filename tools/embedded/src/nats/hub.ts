import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadOrCreateSecurity, type SecurityFiles } from '#lib/platform';
import { LOOPBACK, type NetworkPlace } from '../network-place.js';
import { onFreePorts } from '../ports.js';
import type { Exit } from '../process/service.js';
import { quoted, startNatsProcess } from './nats-process.js';

export interface HubPorts {
  readonly client: number;
  readonly leaf: number;
  readonly monitor: number;
}

export interface HubOptions {
  /** Holds the streams, the key material (`security/`), the configuration and the log. Kept between starts. */
  readonly dir: string;
  readonly natsServer: string;
  /** Free ports when left out. Pass a former hub's ports to start it again where its leafs expect it. */
  readonly ports?: HubPorts;
  /** Where it listens; loopback when left out. */
  readonly place?: NetworkPlace;
}

/** The running hub: JetStream with a file store that syncs each write, operator JWTs with a full resolver. */
export interface Hub {
  /** `nats://…` for apps, which bring creds of the SERVICES account. */
  readonly url: string;
  /** `nats-leaf://…` for leafs, which bring a host's creds. */
  readonly leafUrl: string;
  readonly monitorUrl: string;
  readonly ports: HubPorts;
  readonly pid: number;
  readonly security: SecurityFiles;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  stop(): Promise<Exit>;
  kill(): Promise<Exit>;
}

/** Starts the hub. @throws PartNotReady when it does not come up, for instance on a taken port. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { ports } = options;
  if (ports !== undefined) return startOn(options, ports);
  return onFreePorts(3, ([client = 0, leaf = 0, monitor = 0]) => startOn(options, { client, leaf, monitor }));
}

async function startOn({ dir, natsServer, place = LOOPBACK }: HubOptions, ports: HubPorts): Promise<Hub> {
  await mkdir(dir, { recursive: true });
  const { address } = place;
  const security = await loadOrCreateSecurity(join(dir, 'security'));
  const service = await startNatsProcess({
    name: 'nats-hub',
    dir,
    natsServer,
    config: hubConfig(dir, address, ports),
    monitorPort: ports.monitor,
    place,
  });
  return {
    url: `nats://${address}:${ports.client}`,
    leafUrl: `nats-leaf://${address}:${ports.leaf}`,
    monitorUrl: `http://${address}:${ports.monitor}`,
    ports,
    pid: service.pid,
    security,
    exited: service.exited,
    stop: () => service.stop(),
    kill: () => service.kill(),
  };
}

/** Pings are short so that a silently dead leaf is noticed within 20 s instead of the default six minutes. */
function hubConfig(dir: string, address: string, ports: HubPorts): string {
  return `server_name: phoenix-hub
listen: ${address}:${ports.client}
http: ${address}:${ports.monitor}
ping_interval: "10s"
ping_max: 1
# The default of two seconds is short for a thousand hosts that come back at once, and for a small busy machine.
authorization { timeout: 10 }

jetstream {
  store_dir: ${quoted(join(dir, 'jetstream'))}
  sync_interval: always
  # Left out, it is a share of what is free now, and a small disk could not even promise the streams their limits.
  max_file_store: 64GB
}

leafnodes {
  listen: ${address}:${ports.leaf}
  # Else a leaf that lost its link tries the address that the hub sees of itself, past whatever lies between them.
  no_advertise: true
  # Without it every leaf is told the interest of every other leaf.
  isolate_leafnode_interest: true
}

resolver {
  type: full
  dir: ${quoted(join(dir, 'accounts'))}
  allow_delete: false
  interval: "2m"
}
include ./security/hub-accounts.conf
`;
}
