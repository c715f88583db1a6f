import type { Shape } from './shaping.js';

/** Which link of a host's site: its own, or that of its leaf. */
export type Part = 'host' | 'leaf';

/** What can be done to a real link. Hosts are named by their place in the list. */
export type NetFault =
  /** The cable is pulled for so long. A long cut outlasts the pings of NATS. */
  | { readonly kind: 'cut' | 'long-cut'; readonly host: number; readonly part: Part; readonly ms: number }
  /** The cable is pulled until the gateway holds the host for offline. */
  | { readonly kind: 'offline'; readonly host: number }
  | ({ readonly host: number; readonly part: Part; readonly ms: number } & Shape)
  /** The host gets another address, for good. */
  | { readonly kind: 'readdressed'; readonly host: number }
  /** The cable of the hub is pulled: hosts and gateways alike are cut off. */
  | { readonly kind: 'trunk-cut'; readonly ms: number };
export type NetFaultKind = NetFault['kind'];

export const netFaultKinds: readonly NetFaultKind[] = [
  ...(['cut', 'long-cut', 'offline', 'throttled', 'reordered', 'lossy', 'readdressed', 'trunk-cut'] as const),
];

export function isNetFault(fault: { readonly kind: string }): fault is NetFault {
  return (netFaultKinds as readonly string[]).includes(fault.kind);
}

/** Names of the nodes of a campaign's network. */
export const HUB_NODE = 'hub';

export function nodeName(host: string, part: Part): string {
  return part === 'host' ? host : `leaf-of-${host}`;
}
