import type { NodePlan } from './address-plan.js';

/** What a link does to the packets that pass it, the same in both directions. */
export type Shape =
  /** Less comes through than is sent; the rest waits, and then is dropped. */
  | { readonly kind: 'throttled'; readonly kbit: number }
  /** Some packets take a slow lane and are overtaken by later ones of their own connection. */
  | { readonly kind: 'reordered'; readonly slowPercent: number; readonly slowKbit: number }
  | { readonly kind: 'lossy'; readonly percent: number };

/** Bytes. So small that a message is several packets, which then can overtake one another. */
export const MTU = 256;
const QUEUE_BYTES = 16 * 1024;
const FAST_MBIT = 1_000;
const CLASSES = { fast: 0x1_0010, slow: 0x1_0020 };
/** Actions of a filter (pkt_cls.h). */
const ACTION = { pass: -1, drop: 2 };

/** The commands of `tc`, to be run in the router's namespace, that make a link so. */
export function shaping(node: NodePlan, shape: Shape): readonly (readonly string[])[] {
  const { ifb, routerDevice } = node;
  const clsact = words(`qdisc add dev ${routerDevice} clsact`);
  if (shape.kind === 'lossy')
    return [clsact, ...['ingress', 'egress'].map((way) => dropping(routerDevice, way, shape.percent))];
  return [
    clsact,
    words(
      `filter add dev ${routerDevice} ingress protocol ip prio 1 u32 match u32 0 0 action mirred egress redirect dev ${ifb}`,
    ),
    ...[routerDevice, ifb].flatMap((device) => queueing(device, shape)),
  ];
}

/** What takes all that away again. */
export function unshaping({ ifb, routerDevice }: NodePlan, shape: Shape): readonly (readonly string[])[] {
  const queues = shape.kind === 'lossy' ? [] : [routerDevice, ifb];
  return [
    words(`qdisc del dev ${routerDevice} clsact`),
    ...queues.map((device) => words(`qdisc del dev ${device} root`)),
  ];
}

function queueing(device: string, shape: Exclude<Shape, { readonly kind: 'lossy' }>) {
  if (shape.kind === 'throttled') {
    return [
      words(
        `qdisc add dev ${device} root handle 1: tbf rate ${shape.kbit}kbit burst ${4 * MTU} limit ${QUEUE_BYTES}`,
      ),
    ];
  }
  const { slowKbit, slowPercent } = shape;
  const lane = `class add dev ${device} parent 1: classid`;
  return [
    words(`qdisc add dev ${device} root handle 1: htb default 10`),
    words(`${lane} 1:10 htb rate ${FAST_MBIT}mbit quantum 1514`),
    // Without a burst a packet waits until those before it have been paid for.
    words(`${lane} 1:20 htb rate ${slowKbit}kbit burst 1 cburst 1 quantum 1514`),
    [
      ...words(`filter add dev ${device} parent 1: protocol all prio 1 bpf bytecode`),
      byChance(slowPercent, CLASSES.slow, CLASSES.fast),
    ],
  ];
}

function dropping(device: string, way: string, percent: number): readonly string[] {
  return [
    ...words(`filter add dev ${device} ${way} protocol ip prio 1 bpf direct-action bytecode`),
    byChance(percent, ACTION.drop, ACTION.pass),
  ];
}

/**
 * A program of the classic packet filter (bpf(4), in the notation of tc-bpf(8)): it draws a number, and answers `hit`
 * for so many in a hundred packets. The chance is the kernel's and follows no seed.
 */
function byChance(percent: number, hit: number, miss: number): string {
  const random = 0xffff_f000 + 56;
  const limit = Math.min(0xffff_ffff, Math.round((percent / 100) * 2 ** 32));
  return ['4', `32 0 0 ${random}`, `53 1 0 ${limit}`, `6 0 0 ${hit >>> 0}`, `6 0 0 ${miss >>> 0}`].join(',');
}

function words(line: string): readonly string[] {
  return line.split(' ');
}
