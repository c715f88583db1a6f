/** Sum in the given order; the order is part of a bit-for-bit result. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Without spreading, which a long list would overflow the stack with. Infinity of nothing. */
export function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

/** As `smallest`; -Infinity of nothing. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

/** Unbiased sample variance; NaN below two values. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1);
}

/** Covariance of a series with itself `lag` steps later, divided by the full length. */
export function autocovariance(values: readonly number[], lag: number, centre = mean(values)): number {
  let total = 0;
  for (let i = lag; i < values.length; i += 1)
    total += ((values[i] ?? 0) - centre) * ((values[i - lag] ?? 0) - centre);
  return total / values.length;
}

/** The items of each key, keys in the order of their first item. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
