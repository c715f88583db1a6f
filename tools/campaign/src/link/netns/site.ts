import type { CampaignHouse } from '../parts/house.js';
import type { Site, Way } from '../parts/site.js';
import type { Network } from './network.js';
import { HUB_NODE, nodeName } from './steps.js';

/** All nodes that hosts with these ways need. */
export function nodeNames(ways: readonly Way[]): readonly string[] {
  const leafs = ways.filter((way) => way.startsWith('leaf'));
  return [HUB_NODE, ...ways, ...leafs.map((way) => nodeName(way, 'leaf'))];
}

/** A host, and its leaf where it has one, each in a namespace with an address of its own. */
export function netnsSite(house: CampaignHouse, network: Network, way: Way): Site {
  const hub = network.place(HUB_NODE).address;
  const { client, leaf } = house.hubPorts;
  const uplinks: Readonly<Record<Way, string>> = {
    direct: `${hub}:${client}`,
    http: `${network.ownAddress}:${house.gateways.door.port}`,
    leaf: `${hub}:${leaf}`,
    'leaf-then-http': `${hub}:${leaf}`,
  };
  return {
    uplink: uplinks[way],
    proxy: undefined,
    host: network.place(way),
    leaf: way.startsWith('leaf') ? network.place(nodeName(way, 'leaf')) : undefined,
  };
}
