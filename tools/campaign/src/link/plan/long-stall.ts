import type { Random } from '../../random.js';
import { faultKinds, isHostFaultKind, type FaultKind, type LongStall } from './steps.js';

/** Who can be cut off for long. */
export interface Cuttable {
  /** Hosts with only one door, so that a stalled link cuts them off. */
  readonly oneDoor: readonly number[];
  /** Those of them whose link is one of NATS, which pings. */
  readonly pinged: readonly number[];
}

interface Arranged {
  /** What the rounds begin with, in their order. */
  readonly kinds: readonly FaultKind[];
  readonly longStall: LongStall | undefined;
}

const OF_MIDDLE: ReadonlySet<FaultKind> = new Set(faultKinds.filter((kind) => !isHostFaultKind(kind)));
const SECOND_CUT_CHANCE = 0.4;

/**
 * Brings the rounds that leave the middle alone together, and cuts hosts off meanwhile: a gateway gives each host its
 * full limit when it takes over, and a hub that is killed closes what its pings would have closed, so with another one
 * every few seconds nobody would ever notice. Where the rounds of the middle come last, the cut may go on into them, so
 * that one gateway calls a host offline and another finds it again.
 */
export function withLongStall(kinds: readonly FaultKind[], random: Random, cuttable: Cuttable): Arranged {
  const ofMiddle = kinds.filter((kind) => OF_MIDDLE.has(kind));
  const ofOthers = kinds.filter((kind) => !OF_MIDDLE.has(kind));
  const isFirst = random.chance(0.5);
  const from = isFirst ? 0 : ofMiddle.length;
  const noticed = from + ofOthers.length;
  const until = Math.min(noticed + random.between(0, 1), kinds.length);
  const hosts = hostsToCut(random, cuttable);
  return {
    kinds: isFirst ? [...ofOthers, ...ofMiddle] : [...ofMiddle, ...ofOthers],
    longStall: ofOthers.length === 0 || hosts.length === 0 ? undefined : { hosts, from, noticed, until },
  };
}

/** Whether a host is cut off in a round. */
export function isCutIn(longStall: LongStall | undefined, round: number, host: number): boolean {
  if (longStall === undefined) return false;
  return longStall.hosts.includes(host) && round >= longStall.from && round < longStall.until;
}

function hostsToCut(random: Random, { oneDoor, pinged }: Cuttable): readonly number[] {
  if (pinged.length === 0) return [];
  const first = random.pick(pinged);
  const others = oneDoor.filter((host) => host !== first);
  return others.length > 0 && random.chance(SECOND_CUT_CHANCE) ? [first, random.pick(others)] : [first];
}
