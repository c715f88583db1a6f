import type { Measurement } from './bench.js';
import { median } from './statistics.js';

/** Two ways to do the same work; each call does a round of it and gives its rate. */
export interface Contest {
  readonly subject: () => Promise<number>;
  readonly ceiling: () => Promise<number>;
}

const ROUNDS = 5;

/**
 * Medians of the rates of both over short rounds, turn about, so that whatever else the machine does slows both. Who
 * begins changes from round to round. The first round of each only warms up.
 */
export async function alternate({ subject, ceiling }: Contest, rounds = ROUNDS): Promise<Measurement> {
  await ceiling();
  await subject();
  const rates = { subject: [] as number[], ceiling: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const measureSubject = async (): Promise<void> => void rates.subject.push(await subject());
    const measureCeiling = async (): Promise<void> => void rates.ceiling.push(await ceiling());
    const order = round % 2 === 0 ? [measureCeiling, measureSubject] : [measureSubject, measureCeiling];
    for (const measure of order) await measure();
  }
  return { value: median(rates.subject), ceiling: median(rates.ceiling) };
}

/** Things per second while `work` did `count` of them. */
export async function ratePerSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1000);
}

/** Keeps `lanes` steps in flight: each lane takes its own steps one after another. */
export async function inLanes(
  lanes: number,
  stepsEach: number,
  step: (lane: number, n: number) => Promise<unknown>,
): Promise<void> {
  const run = async (lane: number): Promise<void> => {
    for (let n = 0; n < stepsEach; n += 1) await step(lane, n);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
}
