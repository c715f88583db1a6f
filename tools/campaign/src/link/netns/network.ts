import { claimName, type Claim, type NetworkPlace } from '#tools/embedded';
import { addressPlan, isFree, PREFIX_BITS, SLOTS, type AddressPlan, type NodePlan } from './address-plan.js';
import { iproute, NetworkUnavailable } from './iproute.js';
import { removeLeftovers, removeOwn } from './leftovers.js';
import { MTU, type Shape } from './shaping.js';
import { Wire } from './wire.js';

const EVERY_SHAPE: readonly Shape[] = [
  { kind: 'throttled', kbit: 64 },
  { kind: 'reordered', slowPercent: 50, slowKbit: 64 },
  { kind: 'lossy', percent: 10 },
];

/** Namespaces around a router, each with an address of its own; everything is gone when this process is. */
export class Network {
  private constructor(
    private readonly plan: AddressPlan,
    private readonly wires: ReadonlyMap<string, Wire>,
    private readonly claim: Claim,
  ) {}

  /** @throws NetworkUnavailable where this machine, or this user, cannot have it */
  static async open(names: readonly string[]): Promise<Network> {
    if (process.getuid?.() !== 0) throw new NetworkUnavailable('--netns needs root');
    await removeLeftovers();
    const { claim, slot } = await freeSlot();
    const plan = addressPlan(process.pid, slot, names);
    process.on('exit', removeOwn);
    for (const signal of ENDINGS) process.on(signal, interrupted);
    const network = new Network(plan, wiresOf(plan), claim);
    try {
      await build(plan);
      await network.tryShapes(names[0] ?? '');
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  /** The campaign's own address, for what hosts are to reach in this process. */
  get ownAddress(): string {
    return this.plan.root.address;
  }

  place(name: string): Required<NetworkPlace> {
    const { address, namespace = '' } = this.nodeOf(name);
    return { address, namespace };
  }

  wire(name: string): Wire {
    const wire = this.wires.get(name);
    if (wire === undefined) throw new Error(`there is no node ${name}`);
    return wire;
  }

  async close(): Promise<void> {
    removeOwn();
    process.off('exit', removeOwn);
    for (const signal of ENDINGS) process.off(signal, interrupted);
    await this.claim.release();
  }

  private nodeOf(name: string): NodePlan {
    const node = this.plan.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  /** A kernel that lacks a queue or a filter is to say so now, and not after an hour. */
  private async tryShapes(name: string): Promise<void> {
    for (const shape of EVERY_SHAPE) await this.wire(name).become(shape);
    await this.wire(name).mend();
  }
}

const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As a shell says it of Ctrl-C. */
const INTERRUPTED = 130;
const interrupted = (): void => process.exit(INTERRUPTED);

async function freeSlot(): Promise<{ readonly claim: Claim; readonly slot: number }> {
  const routes = JSON.parse(await iproute('ip', '-j', 'route', 'show', 'table', 'all')) as readonly Route[];
  const destinations = routes.map(({ dst }) => dst);
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!isFree(slot, destinations)) continue;
    const { claim } = await claimName(`campaign network ${slot}`);
    if (claim !== undefined) return { claim, slot };
  }
  throw new NetworkUnavailable('--netns finds no free network in 198.18.0.0/16');
}

interface Route {
  readonly dst: string;
}

function wiresOf({ nodes, routerNamespace }: AddressPlan): ReadonlyMap<string, Wire> {
  return new Map(
    nodes.map((node) => [node.name, new Wire(routerNamespace, { ...node, namespace: node.namespace ?? '' })]),
  );
}

async function build(plan: AddressPlan): Promise<void> {
  const { network, nodes, root, routerNamespace } = plan;
  await iproute('ip', 'netns', 'add', routerNamespace);
  const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward';
  await iproute('ip', 'netns', 'exec', routerNamespace, 'sh', '-c', forward);
  for (const node of nodes) await iproute('ip', 'netns', 'add', node.namespace ?? '');
  for (const node of [root, ...nodes]) await connect(node, routerNamespace);
  await iproute('ip', 'route', 'add', network, 'via', root.router);
}

/** Lays the link of a node. Small packets, and none put together to larger ones, make the most of what befalls them. */
async function connect(node: NodePlan, routerNamespace: string): Promise<void> {
  const { device, ifb, namespace, routerDevice } = node;
  const atNode = namespace === undefined ? [] : ['-n', namespace];
  const atRouter = ['-n', routerNamespace];
  const size = ['mtu', String(MTU), 'gso_max_segs', '1'];
  const peer = ['peer', 'name', routerDevice, 'mtu', String(MTU), 'netns', routerNamespace];
  await iproute('ip', ...atNode, 'link', 'add', device, 'mtu', String(MTU), 'type', 'veth', ...peer);
  await iproute('ip', ...atNode, 'link', 'set', device, ...size);
  await iproute('ip', ...atRouter, 'link', 'add', ifb, 'type', 'ifb');
  await iproute('ip', ...atNode, 'address', 'add', `${node.address}/${PREFIX_BITS}`, 'dev', device);
  await iproute('ip', ...atRouter, 'address', 'add', `${node.router}/${PREFIX_BITS}`, 'dev', routerDevice);
  for (const name of namespace === undefined ? [device] : ['lo', device])
    await iproute('ip', ...atNode, 'link', 'set', name, 'up');
  for (const name of ['lo', ifb, routerDevice]) await iproute('ip', ...atRouter, 'link', 'set', name, 'up');
  if (namespace !== undefined) await iproute('ip', ...atNode, 'route', 'add', 'default', 'via', node.router);
}
