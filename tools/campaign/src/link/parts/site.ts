import { LOOPBACK, type NetworkPlace } from '#tools/embedded';
import type { CampaignHouse } from './house.js';
import { Proxy } from './proxy.js';

/** By which way a host reaches the control plane. */
export type Way = 'direct' | 'leaf' | 'http' | 'leaf-then-http';

/** Where a host and its leaf run, and how they come to the control plane. */
export interface Site {
  /** `address:port` where the leaf, or a host without one, finds the control plane. */
  readonly uplink: string;
  /** What is made to fail; undefined where the links are real ones. */
  readonly proxy: Proxy | undefined;
  readonly host: NetworkPlace;
  /** Undefined where there is no leaf. */
  readonly leaf: NetworkPlace | undefined;
}

/** Everything on loopback, with a proxy on the way. */
export async function proxiedSite(house: CampaignHouse, way: Way): Promise<Site> {
  const proxy = await Proxy.open(targetOf(house, way));
  return {
    ...{ uplink: `127.0.0.1:${proxy.port}`, proxy, host: LOOPBACK },
    leaf: way.startsWith('leaf') ? LOOPBACK : undefined,
  };
}

function targetOf({ gateways, hubPorts }: CampaignHouse, way: Way): number {
  switch (way) {
    case 'direct':
      return hubPorts.client;
    case 'http':
      return gateways.door.port;
    case 'leaf':
    case 'leaf-then-http':
      return hubPorts.leaf;
  }
}
