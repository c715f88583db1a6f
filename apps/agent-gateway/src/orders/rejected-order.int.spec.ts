import { hostAttempt } from '#lib/database';
import { startExperiment } from '../testing/experiments.js';
import { eventually, GatewayHouse } from '../testing/gateway-house.js';
import { PlayedHost } from '../testing/played-host.js';

const REASON = 'journal-unavailable: no space left on device';

describe('an order that the host rejects', () => {
  let house: GatewayHouse;
  let host: PlayedHost;

  beforeAll(async () => {
    house = await GatewayHouse.open();
    host = await PlayedHost.connect(house, await house.enrolled('web-1'));
  });

  afterAll(async () => {
    await host.stop();
    await house.close();
  });

  const failures = () => house.source.getRepository(hostAttempt).findBy({ host: host.id, stage: 'failed' });

  it("stands in the ledger as failed, with the host's reason", async () => {
    host.rejecting = REASON;
    await startExperiment(house, 'e1', [host.id]);
    await eventually(async () => {
      host.beat();
      expect(await failures()).not.toEqual([]);
    });
    const [order] = host.orders;
    const [failed] = await failures();
    expect(failed).toMatchObject({
      ...{ generation: order!.generation, taskId: order!.taskId, experimentId: 'e1', reason: REASON },
      collectors: order!.collectors.map(({ variant, configHash }) => ({ variant, configHash })),
    });
  });

  it('says nothing of the kind of one that is taken', async () => {
    host.rejecting = undefined;
    const before = host.orders.length;
    await eventually(() => {
      host.beat();
      expect(host.orders.length).toBeGreaterThan(before);
    });
    await host.heardAll(house);
    const known = await failures();
    await host.report(host.orders.at(-1)!, 'effective');
    await eventually(async () => {
      const stages = await house.source
        .getRepository(hostAttempt)
        .findBy({ host: host.id, stage: 'effective' });
      expect(stages).toHaveLength(1);
    });
    expect(await failures()).toEqual(known);
  });
});
