import type { NumberPoint } from '#lib/otlp';

export type Aggregation = 'mean' | 'min' | 'max' | 'sum';

type Value = NumberPoint['value'];

/**
 * One point out of several, after the collector. The first one gives the kind of the value: among doubles integers
 * count as doubles; among integers doubles are cut off, and where they would have to be added they count as nothing.
 */
export function putTogether(
  first: NumberPoint,
  others: readonly NumberPoint[],
  how: Aggregation,
): NumberPoint {
  if (first.value === null || others.length === 0) return first;
  const values = others.map(({ value }) => value);
  const starts = [first, ...others].map(({ startTimeUnixNano }) => startTimeUnixNano);
  return {
    ...first,
    value:
      typeof first.value === 'bigint'
        ? integers(first.value, values, how)
        : doubles(first.value, values, how),
    startTimeUnixNano: starts.reduce((least, start) => (start < least ? start : least)),
  };
}

function doubles(first: number, others: readonly Value[], how: Aggregation): number {
  const values = others.map((value) => Number(value ?? 0));
  switch (how) {
    case 'min':
      return values.reduce((least, value) => Math.min(least, value), first);
    case 'max':
      return values.reduce((most, value) => Math.max(most, value), first);
    case 'sum':
      return values.reduce((sum, value) => sum + value, first);
    case 'mean':
      return values.reduce((sum, value) => sum + value, first) / (values.length + 1);
  }
}

function integers(first: bigint, others: readonly Value[], how: Aggregation): bigint {
  const added = (): bigint =>
    others.reduce<bigint>((sum, value) => int64(sum + (typeof value === 'bigint' ? value : 0n)), first);
  const cut = others.map(asInteger);
  switch (how) {
    case 'min':
      return cut.reduce((least, value) => (value < least ? value : least), first);
    case 'max':
      return cut.reduce((most, value) => (value > most ? value : most), first);
    case 'sum':
      return added();
    case 'mean':
      return added() / BigInt(others.length + 1);
  }
}

const int64 = (value: bigint): bigint => BigInt.asIntN(64, value);
const leastInteger = -(1n << 63n);

/** What an amd64 processor makes of a double: the least integer where none would do. */
function asInteger(value: Value): bigint {
  if (value === null || typeof value === 'bigint') return value ?? 0n;
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : leastInteger;
}
