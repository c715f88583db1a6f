/** The middle value; of an even number of values the mean of the two in the middle. @throws RangeError without values */
export function median(values: readonly number[]): number {
  const sorted = inOrder(values);
  const upper = Math.floor(sorted.length / 2);
  const lower = Math.floor((sorted.length - 1) / 2);
  return (at(sorted, lower) + at(sorted, upper)) / 2;
}

/**
 * The smallest value that at least the share `q` of all values does not exceed (nearest rank), so it is always one
 * that was measured. @param q above 0, at most 1 @throws RangeError without values
 */
export function quantile(values: readonly number[], q: number): number {
  if (!(q > 0 && q <= 1)) throw new RangeError(`a quantile of ${q}`);
  const sorted = inOrder(values);
  return at(sorted, Math.ceil(q * sorted.length) - 1);
}

/** Rounds to significant digits: more of them would pretend to a precision that no run repeats. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

function inOrder(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('no values');
  return [...values].sort((a, b) => a - b);
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? NaN;
}
