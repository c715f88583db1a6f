import type { Check } from '../check.js';
import { problem, type Problem } from '../problem.js';
import { isWildcard, plainHost } from './endpoints.js';
import { listenersOf, type Listener } from './listeners.js';

/** No two listeners want one port, and none is open to every network without a word. */
export const ports: Check = (model) => {
  const listeners = listenersOf(model);
  const taken = new TakenPorts();
  return [...listeners.flatMap((one) => clash(one, taken.take(one))), ...listeners.flatMap(open)];
};

/** Who listens where. Hosts that come from variables and ports that the system picks clash with nothing we know. */
class TakenPorts {
  private readonly byPort = new Map<number, Map<string, Listener>>();

  /** Notes a listener, and returns the one that has its port already. */
  take(listener: Listener): Listener | undefined {
    const { host, port } = listener;
    if (host === undefined || port === undefined || port === 0) return undefined;
    const hosts = this.byPort.get(port) ?? new Map<string, Listener>();
    this.byPort.set(port, hosts);
    const name = isWildcard(host) ? ANY : plainHost(host);
    const [first] = hosts.values();
    const other = name === ANY ? first : (hosts.get(name) ?? hosts.get(ANY));
    if (other === undefined) hosts.set(name, listener);
    return other;
  }
}

const ANY = '*';

function clash({ port = 0, place }: Listener, other: Listener | undefined): readonly Problem[] {
  if (other === undefined) return [];
  const message = `Port ${port} is already taken by ${other.what.slice(0, 64)}.`;
  return [problem('port-clash', place, message, 'Give one of the two another port.')];
}

function open({ host, place }: Listener): readonly Problem[] {
  if (!isWildcard(host)) return [];
  const message = 'This listens on every network of the host.';
  return [
    problem('open-endpoint', place, message, 'Use localhost, or the address of the network that it serves.'),
  ];
}
