/** A source of numbers in [0, 1) that is the same for the same seed, on every machine. */
export type Random = () => number;

/** Mulberry32: 32 bits of state are plenty for made-up processes, and it is quick. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One seed of several numbers, so that neighbours (host 1, host 2) have nothing in common. */
export function seedOf(...parts: readonly number[]): number {
  return parts.reduce((hash, part) => {
    const mixed = Math.imul(hash ^ part ^ (part / 2 ** 32), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }, 0x85ebca6b);
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low);
}

/** A whole number from `low` to `high`, both included. */
export function wholeBetween(random: Random, low: number, high: number): number {
  return Math.floor(between(random, low, high + 1));
}

export function oneOf<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

/** Exponential with this mean: the time until something that may happen at any moment. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/**
 * Pareto: `least` or more, and above each value `x` a share of `(least / x) ** shape`. Few are huge, most are small,
 * as CPU and memory of processes are. Cut at `most`, since a host has an end.
 */
export function pareto(
  random: Random,
  { least, most, shape }: { readonly least: number; readonly most: number; readonly shape: number },
): number {
  return Math.min(least * (1 - random()) ** (-1 / shape), most);
}
