import { claimPort, freePort, type Claim, type HubPorts, type Log } from '#tools/embedded';
import { usualPorts, type Ports } from './apps.js';

/** Ports of the whole house, and the claims on those that are usual. */
export interface ChosenPorts {
  readonly apps: Ports;
  /** Undefined lets the hub choose. */
  readonly hub: HubPorts | undefined;
  readonly claims: readonly Claim[];
}

const usualHubPorts = { nats: 4222, 'nats leafs': 7422 } as const;

/** The usual ports, others where these are taken, which is said; or any free ones. */
export async function choosePorts(choice: 'usual' | 'free', log: Log): Promise<ChosenPorts> {
  const claims: Claim[] = [];
  const choose = async (name: string, wanted: number): Promise<number> => {
    if (choice === 'free') return freePort();
    const { claim, port } = await claimPort(wanted);
    if (claim === undefined) log(`port ${wanted} is taken: ${name} uses ${port}`);
    else claims.push(claim);
    return port;
  };
  const chosen: Record<string, number> = {};
  for (const [name, wanted] of Object.entries({ ...usualPorts, ...usualHubPorts }))
    chosen[name] = await choose(name, wanted);
  const hub = { client: chosen['nats'] ?? 0, leaf: chosen['nats leafs'] ?? 0, monitor: await freePort() };
  return { apps: chosen as Ports, hub: choice === 'free' ? undefined : hub, claims };
}
