import { planFor } from './campaign.js';
import { faultKinds } from './plan/steps.js';
import { runSeed } from './run-seed.js';
import { summarize } from './summary.js';

/** Each kind of fault once, the long cut from the first round on, so that nothing has to be waited for. */
const SEED = 14;
const PATIENCE_MS = 900_000;

describe('the link between hosts and control plane', () => {
  it(
    'keeps its promises through every kind of fault',
    async () => {
      const lines = await runSeed(planFor(SEED, faultKinds.length), () => undefined);
      const { crashes, faults, offline, pingTimeouts, redelivery, tasks, violations, windows } = summarize(
        SEED,
        lines,
        0,
      );
      expect(violations).toEqual([]);
      expect(Object.keys(faults).sort()).toEqual([...faultKinds, 'long-stall'].sort());
      expect(crashes).toEqual({ arranged: 1, unexpected: 0 });
      expect(Math.min(tasks, windows, redelivery.tasks, offline, pingTimeouts)).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
});
