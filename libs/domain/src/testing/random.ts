/** Seeded uniform numbers in (0, 1): mulberry32, enough for simulations. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4_294_967_296;
  };
}

/** Standard normal numbers by Box and Muller. */
export function normal(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A stationary series of mean 0 and variance 1 with autocorrelation phi^lag. */
export function autoregressive(length: number, phi: number, gauss: () => number): readonly number[] {
  const values: number[] = [];
  let last = gauss();
  for (let i = 0; i < length; i += 1) {
    values.push(last);
    last = phi * last + Math.sqrt(1 - phi * phi) * gauss();
  }
  return values;
}
