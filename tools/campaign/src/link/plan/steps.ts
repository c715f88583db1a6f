import type { AskedKind } from '../activity/tasks.js';
import type { NetFault } from '../netns/steps.js';
import type { Crash } from '../parts/host.js';

/** What can be done to one host and its way. Hosts are named by their place in the list. */
export type HostFault =
  /** Nothing passes the link of a host, and nothing is closed. */
  | { readonly kind: 'stall'; readonly host: number }
  | { readonly kind: 'reset'; readonly host: number }
  | {
      readonly kind: 'slow';
      readonly host: number;
      readonly delayMs: number;
      readonly bytesPerSecond: number;
    }
  | { readonly kind: 'leaf-killed'; readonly host: number }
  | { readonly kind: 'host-killed'; readonly host: number }
  | { readonly kind: 'host-crashed'; readonly host: number; readonly crash: Crash }
  | { readonly kind: 'disk-wiped'; readonly host: number };

/** What can be done to the middle, which concerns all hosts. */
export type CentralFault =
  | { readonly kind: 'hub-killed'; readonly downMs: number }
  /** SIGKILL; the next gateway is there before, or only after. */
  | { readonly kind: 'gateway-killed'; readonly next: 'before' | 'after' }
  /** The same by SIGTERM. */
  | { readonly kind: 'gateway-left'; readonly next: 'before' | 'after' }
  | { readonly kind: 'two-gateways' };

export type Fault = HostFault | CentralFault | NetFault;
/** Those of the campaign on proxies. */
export type FaultKind = (HostFault | CentralFault)['kind'];

const hostFaultKinds = [
  ...['stall', 'reset', 'slow', 'leaf-killed', 'host-killed', 'host-crashed', 'disk-wiped'],
] as readonly HostFault['kind'][];
const centralFaultKinds = [
  ...['hub-killed', 'gateway-killed', 'gateway-left', 'two-gateways'],
] as readonly CentralFault['kind'][];
export const faultKinds: readonly FaultKind[] = [...hostFaultKinds, ...centralFaultKinds];

export function isHostFaultKind(kind: FaultKind): kind is HostFault['kind'] {
  return (hostFaultKinds as readonly FaultKind[]).includes(kind);
}

export type ExperimentMove = 'start' | 'pause' | 'resume' | 'promote' | 'roll-back';

/** What people want meanwhile. */
export type Work =
  | { readonly kind: 'experiment'; readonly move: ExperimentMove }
  | {
      readonly kind: 'ask';
      readonly host: number;
      readonly task: AskedKind;
      /** Seconds to its deadline. */
      readonly seconds: number;
      readonly takenBack: 'never' | 'at-once' | 'later';
    };

/** Faults that overlap, with what is wanted while they last. */
export interface Round {
  readonly faults: readonly Fault[];
  readonly works: readonly Work[];
  readonly holdMs: number;
}

/** How a gateway leaves once all faults are over: in the midst of handing over tasks, and of nothing else. */
export interface CalmEnd {
  /** Time that it has for the tasks that are asked for last, before it is told to leave. */
  readonly leadMs: number;
}

/**
 * A cut that lasts longer than the pings of NATS and the limits of presence, while rounds go on. Rounds are named by
 * their place in the list.
 */
export interface LongStall {
  readonly hosts: readonly number[];
  /** Begins before this round. */
  readonly from: number;
  /** Before this round it has been noticed by everybody who is to notice it. */
  readonly noticed: number;
  /** Is over before this round. */
  readonly until: number;
}

export interface Plan {
  readonly seed: number;
  readonly rounds: readonly Round[];
  /** None where only the middle is struck: each new gateway begins to wait for a silent host anew. */
  readonly longStall: LongStall | undefined;
  readonly calmEnd: CalmEnd;
}
