import type { Check } from '../check.js';
import { problem, type Problem } from '../problem.js';
import { isWildcard, mayBeSame } from './endpoints.js';
import { listenersOf, type Listener } from './listeners.js';

/** No two listeners want one port, and none is open to every network without a word. */
export const ports: Check = (model) => {
  const listeners = listenersOf(model);
  return [...listeners.flatMap((one, at) => clash(one, listeners.slice(0, at))), ...listeners.flatMap(open)];
};

function clash(listener: Listener, earlier: readonly Listener[]): readonly Problem[] {
  const { host, port, place } = listener;
  const other = earlier.find(
    (one) => port !== undefined && port !== 0 && one.port === port && mayBeSame(one.host, host),
  );
  if (other === undefined) return [];
  const message = `Port ${port ?? 0} is already taken by ${other.what.slice(0, 64)}.`;
  return [problem('port-clash', place, message, 'Give one of the two another port.')];
}

function open({ host, place }: Listener): readonly Problem[] {
  if (!isWildcard(host)) return [];
  const message = 'This listens on every network of the host.';
  return [
    problem('open-endpoint', place, message, 'Use localhost, or the address of the network that it serves.'),
  ];
}
