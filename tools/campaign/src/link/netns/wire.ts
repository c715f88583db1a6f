import { PREFIX_BITS, type NodePlan } from './address-plan.js';
import { grown, queueCounters, tcpCounters, type Counters } from './counters.js';
import { iproute } from './iproute.js';
import { shaping, unshaping, type Shape } from './shaping.js';

/** What the kernel counted at a link since a moment. */
export interface LinkCounters {
  /** TCP in the node's own namespace. */
  readonly tcp: Counters;
  /** The link: queues at the router, and how often the node saw its carrier go. */
  readonly link: Counters;
}

/** The link of a node to the router, with everything that can be done to it. */
export class Wire {
  private shape: Shape | undefined;
  private address: string;
  /** What queues that are gone had counted. */
  private counted: Counters = { drops: 0, overlimits: 0 };

  constructor(
    private readonly routerNamespace: string,
    private readonly node: NodePlan & { readonly namespace: string },
  ) {
    this.address = node.address;
  }

  /** The cable is pulled: no side hears anything, and only the node sees that its carrier is gone. */
  async cut(): Promise<void> {
    await this.atRouter('link', 'set', this.node.routerDevice, 'down');
  }

  async become(shape: Shape): Promise<void> {
    await this.unshape();
    this.shape = shape;
    for (const command of shaping(this.node, shape)) await this.tc(command);
  }

  /** The node has another address from now on, as after a move to another network. */
  async readdress(): Promise<void> {
    const { address, device, router, spare } = this.node;
    const old = this.address;
    this.address = old === address ? spare : address;
    await this.atNode('address', 'del', `${old}/${PREFIX_BITS}`, 'dev', device);
    await this.atNode('address', 'add', `${this.address}/${PREFIX_BITS}`, 'dev', device);
    // The old address took its routes with it.
    await this.atNode('route', 'add', 'default', 'via', router);
  }

  /** Makes everything good but the address. */
  async mend(): Promise<void> {
    await this.unshape();
    await this.atRouter('link', 'set', this.node.routerDevice, 'up');
  }

  async counters(): Promise<LinkCounters> {
    const { device, namespace } = this.node;
    const files = ['/proc/net/netstat', '/proc/net/snmp'];
    const tcp = await iproute('ip', 'netns', 'exec', namespace, 'cat', ...files);
    const carrier = `/sys/class/net/${device}/carrier_down_count`;
    const downs = await iproute('ip', 'netns', 'exec', namespace, 'cat', carrier);
    const queues = await this.queues();
    const link = Object.fromEntries(
      Object.entries(queues).map(([name, value]) => [name, value + (this.counted[name] ?? 0)]),
    );
    return { tcp: tcpCounters(tcp), link: { ...link, carrierDowns: Number(downs) } };
  }

  private async queues(): Promise<Counters> {
    const { ifb, routerDevice } = this.node;
    const report = await iproute('tc', '-n', this.routerNamespace, '-s', '-j', 'qdisc', 'show');
    return queueCounters(report, [ifb, routerDevice]);
  }

  private async unshape(): Promise<void> {
    if (this.shape === undefined) return;
    const before = await this.queues();
    for (const command of unshaping(this.node, this.shape)) await this.tc(command);
    this.shape = undefined;
    const gone = grown(before, await this.queues());
    this.counted = Object.fromEntries(
      Object.entries(gone).map(([name, value]) => [name, value + (this.counted[name] ?? 0)]),
    );
  }

  private async tc(command: readonly string[]): Promise<void> {
    await iproute('tc', '-n', this.routerNamespace, ...command);
  }

  private async atRouter(...command: readonly string[]): Promise<void> {
    await iproute('ip', '-n', this.routerNamespace, ...command);
  }

  private async atNode(...command: readonly string[]): Promise<void> {
    await iproute('ip', '-n', this.node.namespace, ...command);
  }
}

/** The growth of all counters. */
export function grownLink(after: LinkCounters, before: LinkCounters): LinkCounters {
  return { tcp: grown(after.tcp, before.tcp), link: grown(after.link, before.link) };
}
