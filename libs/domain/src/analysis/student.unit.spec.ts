import { incompleteBeta, logGamma, studentCdf, twoSidedQuantile } from './student.js';

describe("Student's t distribution", () => {
  // Abramowitz and Stegun, table 26.10; the last row is the normal limit.
  test.each([
    [0.9, 1, 6.314],
    [0.95, 1, 12.706],
    [0.99, 1, 63.657],
    [0.95, 2, 4.303],
    [0.99, 5, 4.032],
    [0.95, 9, 2.262],
    [0.9, 10, 1.812],
    [0.95, 29, 2.045],
    [0.99, 30, 2.75],
    [0.95, 120, 1.98],
    [0.95, 1_000_000, 1.96],
  ])('the two-sided %d quantile with %d degrees of freedom is %d', (confidence, degrees, expected) => {
    expect(twoSidedQuantile(confidence, degrees)).toBeCloseTo(expected, 3);
  });

  test('is the Cauchy distribution at one degree of freedom', () => {
    for (const t of [-30, -1, -0.2, 0, 0.5, 2, 100])
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
  });

  test('quantile and distribution function are inverse', () => {
    for (const degrees of [1, 3, 14, 99])
      expect(studentCdf(twoSidedQuantile(0.95, degrees), degrees)).toBeCloseTo(0.975, 12);
  });

  test('has no quantile outside of its domain', () => {
    for (const [confidence, degrees] of [
      [0, 5],
      [1, 5],
      [NaN, 5],
      [0.9, 0],
    ] as const)
      expect(() => twoSidedQuantile(confidence, degrees)).toThrow(RangeError);
  });

  test('rests on the gamma and beta functions', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(incompleteBeta(0.25, 2, 3)).toBeCloseTo(0.26171875, 12);
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
  });
});
