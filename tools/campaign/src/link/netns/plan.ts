import { Random } from '../../random.js';
import { planOf, type PlanOptions } from '../plan/plan.js';
import { faultKinds, type Fault, type Plan } from '../plan/steps.js';
import { netFaultKinds, type NetFault, type NetFaultKind, type Part } from './steps.js';

/** Faults of proxies. Where links are real, each stands for a fault of a link. */
const PROXY_KINDS = ['stall', 'slow', 'reset'] as const;
type ProxyFault = Extract<Fault, { readonly kind: (typeof PROXY_KINDS)[number] }>;

/** The scenario of a seed on real links: kills and crashes as ever, and other faults in place of the proxies'. */
export function netnsPlanOf(seed: number, options: Omit<PlanOptions, 'oneDoor' | 'pinged'>): Plan {
  const kills = faultKinds.filter((kind) => !isProxyKind(kind));
  // As many rounds begin with a fault of a link as there are kinds of them.
  const kinds = [...kills, ...netFaultKinds.map(() => 'stall' as const)];
  // Long cuts are among the faults, so nobody is cut off beside them.
  const plan = planOf(seed, { ...options, kinds, oneDoor: [], pinged: [] });
  const random = new Random(seed + 0.5);
  const next = kindsInTurn(random);
  const rounds = plan.rounds.map((round) => ({
    ...round,
    faults: round.faults
      .filter((fault, place) => !isProxyFault(fault) || isFirstOfItsHost(fault, round.faults.slice(0, place)))
      .map((fault) =>
        isProxyFault(fault) ? netFault(next(), fault.host, { random, withLeaf: options.withLeaf }) : fault,
      ),
  }));
  return { ...plan, rounds };
}

function isProxyKind(kind: string): boolean {
  return (PROXY_KINDS as readonly string[]).includes(kind);
}

/** A link takes one fault at a time. */
function isFirstOfItsHost({ host }: ProxyFault, before: readonly Fault[]): boolean {
  return !before.some((fault) => isProxyFault(fault) && fault.host === host);
}

function isProxyFault(fault: Fault): fault is ProxyFault {
  return isProxyKind(fault.kind);
}

/** Each kind once, before one comes again. */
function kindsInTurn(random: Random): () => NetFaultKind {
  let left: NetFaultKind[] = [];
  return () => {
    if (left.length === 0) left = [...random.shuffled(netFaultKinds)];
    return left.pop() ?? 'cut';
  };
}

interface Chance {
  readonly random: Random;
  readonly withLeaf: readonly number[];
}

function netFault(kind: NetFaultKind, host: number, { random, withLeaf }: Chance): NetFault {
  const part: Part = withLeaf.includes(host) ? random.pick(['host', 'leaf'] as const) : 'host';
  const shapedMs = random.between(6_000, 15_000);
  switch (kind) {
    case 'cut':
      return { kind, host, part, ms: random.between(2_000, 5_000) };
    case 'long-cut':
      return { kind, host, part, ms: random.between(25_000, 50_000) };
    case 'offline':
    case 'readdressed':
      return { kind, host };
    case 'throttled':
      return { kind, host, part, ms: shapedMs, kbit: random.between(8, 24) };
    case 'reordered':
      return {
        ...{ kind, host, part, ms: shapedMs },
        slowPercent: random.between(20, 50),
        slowKbit: random.between(12, 40),
      };
    case 'lossy':
      return { kind, host, part, ms: shapedMs, percent: random.between(5, 30) };
    case 'trunk-cut':
      return { kind, ms: random.between(2_000, 25_000) };
  }
}
