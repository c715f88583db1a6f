/**
 * Student's t distribution. The distribution function is the regularised incomplete beta function (Abramowitz and
 * Stegun 26.5.27 and 26.7.1), evaluated by its continued fraction (DLMF 8.17.22) with Lentz's method.
 */

const LANCZOS_G = 7;
/** Godfrey's coefficients for g = 7, n = 9; the relative error stays below 1e-14. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Natural logarithm of the gamma function for x > 0.5 (Lanczos, SIAM J. Numer. Anal. 1, 1964). */
export function logGamma(x: number): number {
  const z = x - 1;
  const t = z + LANCZOS_G + 0.5;
  const series = LANCZOS.reduce(
    (sum, coefficient, i) => (i === 0 ? coefficient : sum + coefficient / (z + i)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}

/** Regularised incomplete beta function I_x(a, b) for 0 <= x <= 1 and a, b >= 0.5. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side only; the symmetry of the function gives the other.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFront) / a) * betaFraction(x, a, b);
}

const TINY = 1e-300;
const notZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / notZero(1 + term * d);
      c = notZero(1 + term / c);
      fraction *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-15) return fraction;
  }
  return fraction;
}

/** P(T <= t) with `degrees` of freedom. */
export function studentCdf(t: number, degrees: number): number {
  const tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/**
 * The t with P(|T| <= t) = confidence, by bisection: slower than a rational approximation, and right for every number
 * of degrees. @throws RangeError unless 0 < confidence < 1 and degrees >= 1.
 */
export function twoSidedQuantile(confidence: number, degrees: number): number {
  if (!(confidence > 0 && confidence < 1 && degrees >= 1))
    throw new RangeError(`no quantile for confidence ${confidence} and ${degrees} degrees of freedom`);
  const target = (1 + confidence) / 2;
  let high = 1;
  while (studentCdf(high, degrees) < target) high *= 2;
  let low = 0;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
