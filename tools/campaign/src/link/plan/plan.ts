import { Random } from '../../random.js';
import type { Crash } from '../parts/host.js';
import { isCutIn, withLongStall, type Cuttable } from './long-stall.js';
import {
  faultKinds,
  isHostFaultKind,
  type CentralFault,
  type Fault,
  type FaultKind,
  type HostFault,
  type Plan,
  type Round,
  type Work,
} from './steps.js';

export interface PlanOptions extends Cuttable {
  readonly hosts: number;
  /** Those that have a leaf. */
  readonly withLeaf: readonly number[];
  readonly rounds: number;
  /** Only these; all when left out. */
  readonly kinds?: readonly FaultKind[];
}

/** Where faults of one round may strike. */
type Where = PlanOptions & {
  /** Hosts that are not cut off anyhow: what strikes the others would shorten the cut. */
  readonly targets: readonly number[];
};

const FAR_SECONDS = 3_600;
const NEAR_SECONDS = 2;
/** Within this, some of the tasks that are asked for last are on their way when the gateway is told to leave. */
const MOST_LEAD_MS = 120;

/** The scenario of a seed: the same for ever, and each kind of fault comes once before one comes twice. */
export function planOf(seed: number, options: PlanOptions): Plan {
  const random = new Random(seed);
  const cycle = random.shuffled(options.kinds ?? faultKinds);
  const count = Math.min(options.rounds, cycle.length);
  const { kinds, longStall } = withLongStall(cycle.slice(0, count), random, options);
  const everybody = Array.from({ length: options.hosts }, (_, host) => host);
  const rounds = Array.from({ length: options.rounds }, (_, i): Round => {
    const targets = everybody.filter((host) => !isCutIn(longStall, i, host));
    const where = { ...options, targets };
    const first = faultOf(kinds[i] ?? cycle[i % cycle.length] ?? 'reset', random, where);
    const faults = [first, ...(random.chance(0.3) ? [linkFault(random, where)] : [])];
    return { faults, works: worksOf(faults, random, options), holdMs: random.between(1_500, 5_000) };
  });
  return { seed, rounds, longStall, calmEnd: { leadMs: random.between(0, MOST_LEAD_MS) } };
}

/** A second fault of a round: only such as go with every other. */
function linkFault(random: Random, options: Where): Fault {
  return faultOf(random.pick(['stall', 'reset', 'slow'] as const), random, options);
}

function faultOf(kind: FaultKind, random: Random, options: Where): Fault {
  return isHostFaultKind(kind) ? hostFault(kind, random, options) : centralFault(kind, random);
}

function hostFault(kind: HostFault['kind'], random: Random, { targets, withLeaf }: Where): HostFault {
  const host = random.pick(targets);
  switch (kind) {
    case 'stall':
    case 'reset':
    case 'host-killed':
    case 'disk-wiped':
      return { kind, host };
    case 'slow':
      return { kind, host, delayMs: random.between(20, 400), bytesPerSecond: random.between(4_000, 40_000) };
    case 'leaf-killed':
      return { kind, host: random.pick(withLeaf.filter((one) => targets.includes(one))) };
    case 'host-crashed':
      return { kind, host, crash: crashOf(random) };
  }
}

function centralFault(kind: CentralFault['kind'], random: Random): CentralFault {
  switch (kind) {
    case 'hub-killed':
      return { kind, downMs: random.between(0, 3_000) };
    case 'gateway-killed':
    case 'gateway-left':
      return { kind, next: random.pick(['before', 'after'] as const) };
    case 'two-gateways':
      return { kind };
  }
}

function crashOf(random: Random): Crash {
  const step = random.pick(['journal', 'append', 'cursor', 'effect'] as const);
  const when = random.pick(['before', 'after'] as const);
  const most = { journal: 6, append: 20, cursor: 20, effect: 2 }[step];
  return { step, when, n: random.between(1, most) };
}

function worksOf(faults: readonly Fault[], random: Random, { hosts }: PlanOptions): readonly Work[] {
  const works: Work[] = [];
  const struck = faults.flatMap((fault) => ('host' in fault ? [fault.host] : []));
  // Who is struck has something to do, or a crash at its journal or its effect would never come.
  for (const host of [...struck, ...struck, random.between(0, hosts - 1)]) works.push(taskOf(host, random));
  const moves = ['start', 'start', 'pause', 'resume', 'promote', 'roll-back'] as const;
  if (random.chance(0.8)) works.push({ kind: 'experiment', move: random.pick(moves) });
  return random.shuffled(works);
}

function taskOf(host: number, random: Random): Work {
  return {
    kind: 'ask',
    host,
    task: random.pick(['CollectLogs', 'RestartCollector'] as const),
    seconds: random.chance(0.15) ? NEAR_SECONDS : FAR_SECONDS,
    takenBack: random.chance(0.7) ? 'never' : random.pick(['at-once', 'later'] as const),
  };
}
