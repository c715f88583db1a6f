import { planFor } from './campaign.js';
import { faultKinds } from './plan/steps.js';
import { runSeed } from './run-seed.js';
import { summarize } from './summary.js';

/** Each kind of fault once, in an order that begins with the link. */
const SEED = 3;
const PATIENCE_MS = 900_000;

describe('the link between hosts and control plane', () => {
  it(
    'keeps its promises through every kind of fault',
    async () => {
      const lines = await runSeed(planFor(SEED, faultKinds.length), () => undefined);
      const { faults, redelivery, tasks, violations, windows } = summarize(SEED, lines, 0);
      expect(violations).toEqual([]);
      expect(Object.keys(faults).sort()).toEqual([...faultKinds].sort());
      expect(redelivery.tasks).toBeGreaterThan(0);
      expect(Math.min(tasks, windows)).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
});
