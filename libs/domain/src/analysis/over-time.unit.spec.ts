import { autoregressive, normal, seeded } from '../testing/random.js';
import { mean, variance } from './moments.js';
import { autocorrelationTime, overTimeInterval } from './over-time.js';
import { acrossHostsInterval } from './reduction.js';
import { twoSidedQuantile } from './student.js';

const CONFIDENCE = 0.95;
const RUNS = 200;
/** The stated level plus three standard errors of a share over the runs. */
const HIGHEST_RATE = 1 - CONFIDENCE + 3 * Math.sqrt(((1 - CONFIDENCE) * CONFIDENCE) / RUNS);

type Outcome = { readonly issued: number; readonly falseAlarms: number };

function simulate(length: number, phi: number): Outcome {
  const gauss = normal(seeded(1000 * length + Math.round(100 * phi)));
  const intervals = Array.from({ length: RUNS }, () =>
    overTimeInterval(autoregressive(length, phi, gauss), CONFIDENCE),
  ).filter((interval) => interval !== undefined);
  const alarms = intervals.filter((one) => Math.abs(one.mean) > one.halfWidth);
  return { issued: intervals.length, falseAlarms: alarms.length };
}

describe('the interval over time', () => {
  test.each([
    [0, 120],
    [0, 500],
    [0.3, 600],
    [0.5, 600],
    [0.7, 1000],
    [0.9, 2500],
  ])('autocorrelation %d, %d blocks: false alarms stay within the stated level', (phi, length) => {
    const { issued, falseAlarms } = simulate(length, phi);
    expect(issued).toBeGreaterThan(RUNS / 2);
    expect(falseAlarms / issued).toBeLessThanOrEqual(HIGHEST_RATE);
  });

  test.each([
    [0.5, 100],
    [0.7, 100],
    [0.9, 200],
    [0.9, 600],
  ])('autocorrelation %d, only %d blocks: hardly ever an interval, and no false certainty', (phi, length) => {
    const { issued, falseAlarms } = simulate(length, phi);
    expect(issued / RUNS).toBeLessThan(0.1);
    expect(falseAlarms / RUNS).toBeLessThanOrEqual(HIGHEST_RATE);
  });

  test('a naive interval over the same blocks would cry wolf, so the simulation can tell', () => {
    const gauss = normal(seeded(7));
    const quantile = twoSidedQuantile(CONFIDENCE, 599);
    const alarms = Array.from({ length: RUNS }, () => autoregressive(600, 0.9, gauss)).filter((series) => {
      const halfWidth = quantile * Math.sqrt(variance(series) / 600);
      return Math.abs(mean(series)) > halfWidth;
    });
    expect(alarms.length / RUNS).toBeGreaterThan(0.46);
  });

  test('is not given before 30 merged blocks, and from then on is centred on the mean', () => {
    const alternating = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 1 : 3));
    expect(overTimeInterval(alternating.slice(1), CONFIDENCE)).toBeUndefined();
    expect(overTimeInterval(alternating, CONFIDENCE)).toMatchObject({ mean: 2 });
  });

  test('never gets narrower than the error that no averaging removes', () => {
    const flat = Array.from({ length: 40 }, () => 1);
    expect(overTimeInterval(flat, CONFIDENCE)?.halfWidth).toBe(0);
    expect(overTimeInterval(flat, CONFIDENCE, 0.01)?.halfWidth).toBeGreaterThan(0.0196);
  });

  test.each([
    [0, 1],
    [0.5, 3],
    [0.9, 19],
  ])('the autocorrelation time of a series with coefficient %d is about %d blocks', (phi, expected) => {
    const time = autocorrelationTime(autoregressive(20_000, phi, normal(seeded(3))));
    expect(time / expected).toBeGreaterThan(0.8);
    expect(time / expected).toBeLessThan(1.25);
  });
});

describe('the interval across hosts', () => {
  test.each([10, 30])('of %d hosts keeps its false alarms within the stated level', (hosts) => {
    const gauss = normal(seeded(hosts));
    const runs = Array.from({ length: RUNS }, () =>
      acrossHostsInterval(
        Array.from({ length: hosts }, () => gauss()),
        CONFIDENCE,
      ),
    );
    const alarms = runs.filter((one) => one !== undefined && Math.abs(one.mean) > one.halfWidth);
    expect(alarms.length / RUNS).toBeLessThanOrEqual(HIGHEST_RATE);
  });

  test('needs ten hosts', () => {
    expect(acrossHostsInterval([1, 2, 3, 4, 5, 6, 7, 8, 9], CONFIDENCE)).toBeUndefined();
  });
});
