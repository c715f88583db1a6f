/** One end of a link to the router, with a network of its own. */
export interface NodePlan {
  readonly name: string;
  /** Undefined for the end in the namespace that the campaign itself runs in. */
  readonly namespace: string | undefined;
  /** The link by its name at the node, and at the router. */
  readonly device: string;
  readonly routerDevice: string;
  /** At the router: what comes from the node passes it where it is to be shaped. */
  readonly ifb: string;
  readonly router: string;
  readonly address: string;
  /** Another address in the same network, which the node may move to. */
  readonly spare: string;
}

/** Names and addresses of a campaign's network: a router, and nodes around it. */
export interface AddressPlan {
  readonly routerNamespace: string;
  /** The network of all nodes, as CIDR. */
  readonly network: string;
  /** Where the campaign itself is, with gateways and database. */
  readonly root: NodePlan;
  readonly nodes: readonly NodePlan[];
}

export const PREFIX_BITS = 29;
const ADDRESSES_EACH = 2 ** (32 - PREFIX_BITS);
const MOST_NODES = 256 / ADDRESSES_EACH;
/** Set aside for tests of networks (RFC 2544), so that hardly any machine has them in use. */
const BLOCK = '198.18';
export const SLOTS = 256;
const PREFIX = /^phx(\d{1,10})-/;

/**
 * The plan for the nodes with these names.
 * @param owner number of the campaign's process, which all names carry
 * @param slot 0 to 255, one for each campaign of a machine
 */
export function addressPlan(owner: number, slot: number, names: readonly string[]): AddressPlan {
  if (names.length + 1 > MOST_NODES) throw new RangeError(`a campaign has ${MOST_NODES - 1} nodes at most`);
  const node = (name: string, index: number): NodePlan => {
    const at = (offset: number): string => `${BLOCK}.${slot}.${index * ADDRESSES_EACH + offset}`;
    return {
      ...{ name, namespace: `phx${owner}-${name}`, device: 'up0' },
      ...{ routerDevice: `r${index}`, ifb: `i${index}`, router: at(1), address: at(2), spare: at(3) },
    };
  };
  return {
    routerNamespace: `phx${owner}-router`,
    network: networkOf(slot),
    root: { ...node('root', 0), namespace: undefined, device: `phx${owner}-root` },
    nodes: names.map((name, index) => node(name, index + 1)),
  };
}

function networkOf(slot: number): string {
  return `${BLOCK}.${slot}.0/24`;
}

/** Number of the process that made something of this name; undefined when no campaign did. */
export function ownerOf(name: string): number | undefined {
  const [, owner] = PREFIX.exec(name) ?? [];
  return owner === undefined ? undefined : Number(owner);
}

/** Whether no route of the machine leads into the network of a slot. @param routes destinations as `ip route` says them */
export function isFree(slot: number, routes: readonly string[]): boolean {
  return !routes.some((route) => route !== 'default' && overlaps(networkOf(slot), route));
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

function rangeOf(cidr: string): { readonly first: number; readonly last: number } | undefined {
  const [address = '', bits = '32'] = cidr.split('/');
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet))) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(octets.reduce((sum, octet) => sum * 256 + octet, 0) / size) * size;
  return { first, last: first + size - 1 };
}
