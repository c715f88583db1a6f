import type { House } from '#tools/house';
import { bench } from '../harness/bench.js';
import { alternate, inLanes, ratePerSecond } from '../harness/rounds.js';
import { draftBody, withHouse } from '../parts/house.js';

const IN_FLIGHT = 32;
const EACH = 16;

/** What a command costs beside a request that does nothing. */
export const apiBench = bench({
  metrics: {
    'api.command': {
      unit: 'commands/s',
      goal: { kind: 'reported' },
      what: `Drafting experiments over REST against GET /health/live of the same app, ${IN_FLIGHT} requests in flight.`,
    },
  },
  run: () =>
    withHouse(async (house) => {
      let drafts = 0;
      const requests = (send: () => Promise<unknown>): Promise<number> =>
        ratePerSecond(IN_FLIGHT * EACH, () => inLanes(IN_FLIGHT, EACH, send));
      const contest = {
        subject: () => requests(() => house.api.call('POST', '/experiments', draftBody((drafts += 1)))),
        ceiling: () => requests(() => nothing(house)),
      };
      return { 'api.command': await alternate(contest) };
    }),
});

async function nothing({ apiUrl }: House): Promise<void> {
  const response = await fetch(`${apiUrl}/health/live`);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET /health/live: ${response.status}`);
}
