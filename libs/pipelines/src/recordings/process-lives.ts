import type { FleetParameters } from './fleet-parameters.js';
import { processKinds, type ExecutableKind, type ProcessKind } from './process-kinds.js';
import { exponential, oneOf, randomOf, seedOf, wholeBetween, type Random } from './random.js';

/** One process from its beginning to its end. Times are seconds since the recording began, negative before. */
export type ProcessLife = {
  readonly pid: number;
  readonly parentPid: number;
  readonly kind: ProcessKind;
  readonly executable: ExecutableKind;
  /** The number that stands in its arguments. */
  readonly number: number;
  readonly bornAt: number;
  /** Infinity where it outlives the recording. */
  readonly diesAt: number;
  /** What its figures are drawn from. */
  readonly seed: number;
};

/** Boot was so long ago. Nothing can be older. */
const UPTIME_SECONDS = 20 * 86_400;
const LARGEST_PID = 4_194_304;
const FIRST_FREE_PID = 300;
/** Parent of kernel threads, and of everything else that nobody waits for. */
const KERNEL_PARENT = 2;
const INIT = 1;

type Draft = Omit<ProcessLife, 'pid'>;

/** The lives of all processes of one host that a recording may see, by pid. Pids are given out in order of birth. */
export function processLives(fleet: FleetParameters, host: number): readonly ProcessLife[] {
  const drafts = Array.from({ length: fleet.processes }, (_, place) => livesAt(fleet, host, place)).flat();
  drafts.sort((a, b) => a.bornAt - b.bornAt);
  return drafts.map((draft, index) => ({ ...draft, pid: (index + FIRST_FREE_PID) % LARGEST_PID }));
}

/** One process after the other at a place. */
function livesAt(fleet: FleetParameters, host: number, place: number): readonly Draft[] {
  const random = randomOf(seedOf(fleet.seed, host, place));
  const kind = kindOfPlace((place + 0.5) / fleet.processes);
  const lives: Draft[] = [];
  for (let bornAt = firstBirth(random, kind), next = 0; bornAt < fleet.seconds; next++) {
    const diesAt = bornAt + lifeOf(random, kind, { churn: fleet.churn, isFirst: next === 0, bornAt });
    lives.push(draftOf(random, { kind, bornAt, diesAt, seed: seedOf(fleet.seed, host, place, next + 1) }));
    bornAt = diesAt + exponential(random, kind.meanPauseSeconds / Math.max(fleet.churn, 1e-9));
  }
  return lives;
}

function draftOf(random: Random, life: Pick<Draft, 'kind' | 'bornAt' | 'diesAt' | 'seed'>): Draft {
  return {
    ...life,
    parentPid: life.kind.name === 'kernel' ? KERNEL_PARENT : INIT,
    executable: oneOf(random, life.kind.executables),
    number: wholeBetween(random, 0, 99),
  };
}

/** Places are dealt out by share in order, so that also a small host has its mixture. */
function kindOfPlace(position: number): ProcessKind {
  const [first, ...others] = processKinds;
  let kind = first;
  let upTo = first.share;
  for (const next of others) {
    if (position < upTo) break;
    kind = next;
    upTo += next.share;
  }
  return kind;
}

/** A process that is there at the beginning has lived for a part of its life already. */
function firstBirth(random: Random, { meanLifeSeconds }: ProcessKind): number {
  const age =
    meanLifeSeconds === undefined ? UPTIME_SECONDS * random() : exponential(random, meanLifeSeconds);
  return -Math.min(age, UPTIME_SECONDS);
}

type Circumstances = { readonly churn: number; readonly isFirst: boolean; readonly bornAt: number };

/** Lives are memoryless: what is left of one that is there at the beginning is drawn as a new one. */
function lifeOf(random: Random, kind: ProcessKind, { bornAt, churn, isFirst }: Circumstances): number {
  const { meanLifeSeconds } = kind;
  const drawn = exponential(random, meanLifeSeconds ?? 1);
  if (meanLifeSeconds === undefined || churn === 0) return Infinity;
  return drawn / churn - (isFirst ? bornAt : 0);
}
