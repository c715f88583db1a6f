import { createHash } from 'node:crypto';
import type { Simulate, SimulationProfile } from '#lib/agent-protocol';

/** All processes of a simulation together get at most this share of the CPUs of a host, also at a spike. */
export const CPU_SHARE = 0.25;
/** What all processes together write into memory. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** A small machine is not filled with made-up load. */
const MEMORY_SHARE = 0.05;
/** What the shell itself takes. */
const SHELL_BYTES = 2 * 1024 * 1024;
/** No single process takes more than this of a core. */
const MAX_PERMILLE = 500;

/** What one process does. `permille` of a core, at most; `peak` between `from` and `to`, in seconds of its life. */
export type ProcessPlan = {
  readonly className: string;
  readonly executable: string;
  readonly permille: number;
  readonly peak: number;
  readonly from: number;
  readonly to: number;
  readonly memoryBytes: number;
};

export type SimulationPlan = {
  readonly processes: readonly ProcessPlan[];
  /** Each so many seconds some processes end and others take their place. */
  readonly churn?: { readonly everySeconds: number; readonly processes: number };
  readonly bounds: { readonly cores: number; readonly memoryBytes: number };
};

export type Machine = { readonly cpus: number; readonly memoryBytes: number };

type Class = {
  readonly name: string;
  /** Share of the processes. */
  readonly share: number;
  /** CPU of one process against one of another class. */
  readonly weight: number;
  /** Processes that share one executable; undefined: each has its own. */
  readonly perExecutable?: number;
  readonly spikes?: true;
};

const profiles: Readonly<Record<SimulationProfile, readonly Class[]>> = {
  steady: [{ name: 'steady', share: 1, weight: 1, perExecutable: 5 }],
  realistic: [
    { name: 'web', share: 0.3, weight: 6, perExecutable: 8 },
    { name: 'worker', share: 0.25, weight: 4, perExecutable: 6 },
    { name: 'database', share: 0.05, weight: 10, perExecutable: 4 },
    { name: 'cache', share: 0.1, weight: 2, perExecutable: 4 },
    { name: 'helper', share: 0.3, weight: 0.2, perExecutable: 2 },
  ],
  'high-cardinality': [{ name: 'unique', share: 1, weight: 1 }],
  spike: [
    { name: 'calm', share: 0.5, weight: 1, perExecutable: 5 },
    { name: 'spiky', share: 0.5, weight: 1, perExecutable: 5, spikes: true },
  ],
  'process-churn': [{ name: 'short', share: 1, weight: 1, perExecutable: 4 }],
};

/** How far a spike rises above the usual. */
const SPIKE_FACTOR = 4;
const CHURN_SECONDS = 5;
const CHURN_SHARE = 0.1;

/** What runs in a simulation. The same task on the same machine gives the same plan. */
export function planOf(
  {
    processes: count,
    profile,
    seconds,
    taskId,
  }: Pick<Simulate, 'processes' | 'profile' | 'seconds' | 'taskId'>,
  machine: Machine,
): SimulationPlan {
  const next = seeded(taskId);
  const drawn = membersOf(profiles[profile], count).map(({ name, number, weight, ...one }) => ({
    ...{ name, executable: executableOf(name, number, one.perExecutable, next) },
    weight: weight * (0.5 + next()),
    memory: 0.25 + next(),
    isSpiky: one.spikes === true,
  }));
  const sum = (of: (one: (typeof drawn)[number]) => number): number =>
    drawn.reduce((total, one) => total + of(one), 0);
  const cores = CPU_SHARE * machine.cpus;
  // At the top of a spike the bound is reached, and never exceeded.
  const permillePerWeight = (1000 * cores) / sum((one) => one.weight * (one.isSpiky ? SPIKE_FACTOR : 1));
  const memory = Math.min(MEMORY_BYTES, MEMORY_SHARE * machine.memoryBytes) / sum((one) => one.memory);
  const permille = (weight: number): number => Math.min(MAX_PERMILLE, Math.floor(weight * permillePerWeight));
  const processes = drawn.map((one): ProcessPlan => ({
    className: one.name,
    executable: one.executable,
    permille: permille(one.weight),
    peak: permille(one.weight * (one.isSpiky ? SPIKE_FACTOR : 1)),
    from: Math.floor(seconds * 0.4),
    to: Math.floor(seconds * 0.7),
    memoryBytes: Math.floor(one.memory * memory),
  }));
  return {
    processes,
    ...(profile === 'process-churn' && {
      churn: { everySeconds: CHURN_SECONDS, processes: Math.max(1, Math.floor(count * CHURN_SHARE)) },
    }),
    bounds: { cores, memoryBytes: processes.reduce((total, one) => total + memoryCapOf(one), 0) },
  };
}

/** Bytes of writable memory that the kernel lets a process have; forming a text of its size takes it twice. */
export function memoryCapOf({ memoryBytes }: ProcessPlan): number {
  return 2 * memoryBytes + SHELL_BYTES;
}

/** CPU seconds after which the kernel ends a process that runs for so long. */
export function cpuCapOf({ peak }: ProcessPlan, seconds: number): number {
  return Math.ceil((peak / 1000) * seconds) + 5;
}

function membersOf(
  classes: readonly Class[],
  count: number,
): readonly (Class & { readonly number: number })[] {
  const [first] = classes;
  const members = classes.flatMap((one) =>
    Array.from({ length: Math.floor(one.share * count) }, (_, number) => ({ ...one, number })),
  );
  const missing = count - members.length;
  // What rounding leaves over goes to the first class.
  const rest = Array.from({ length: first === undefined ? 0 : missing }, (_, index) => ({
    ...(first as Class),
    number: Math.floor((first as Class).share * count) + index,
  }));
  return [...members, ...rest];
}

function executableOf(
  name: string,
  number: number,
  perExecutable: number | undefined,
  next: () => number,
): string {
  if (perExecutable !== undefined) return `sim-${name}-${Math.floor(number / perExecutable) + 1}`;
  return `sim-${name}-${number + 1}-${Math.floor(next() * 0x10000)
    .toString(16)
    .padStart(4, '0')}`;
}

/** Numbers in [0, 1) that are the same for the same text: mulberry32 from its digest. */
export function seeded(text: string): () => number {
  let state = createHash('sha256').update(text).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
