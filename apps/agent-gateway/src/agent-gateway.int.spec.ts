import type { EnrolResponse } from '#lib/agent-protocol';
import { hostAttempt, hostPresence } from '#lib/database';
import type { AggregateId, HostId } from '#lib/events';
import { eventsOfHost, phaseOf, startExperiment, stopExperiment } from './testing/experiments.js';
import { eventually, GatewayHouse, tenant } from './testing/gateway-house.js';
import { PlayedHost } from './testing/played-host.js';

let house: GatewayHouse;
let source: GatewayHouse['source'];

beforeAll(async () => {
  house = await GatewayHouse.open();
  ({ source } = house);
}, 120_000);

afterAll(() => house.close());

describe('the agents’ door', () => {
  let host: PlayedHost;
  let answer: EnrolResponse;

  it('lets a host in by its token and gives it a credential of its own', async () => {
    const response = await house.enrol({});
    expect(response.status).toBe(200);
    answer = (await response.json()) as EnrolResponse;
    expect(answer).toMatchObject({ tenant, leafUrl: house.parts.hub.leafUrl });
    expect(await eventsOfHost(house, answer.host as HostId)).toEqual(['HostEnrolled']);
  });

  it('answers a repeated enrolment with a new credential for the same host, without a second use', async () => {
    const again = (await (await house.enrol()).json()) as EnrolResponse;
    expect(again.host).toBe(answer.host);
    expect(again.creds).not.toBe(answer.creds);
    expect(await eventsOfHost(house, answer.host as HostId)).toEqual([
      'HostEnrolled',
      'HostCredentialRotated',
    ]);
    answer = again;
  });

  it.each([
    ['an unknown token', { token: 'made-up-token' }, 403, 'token-unknown'],
    ['a token that is used up', { hostname: 'web-2' }, 403, 'token-used-up'],
    ['another protocol', { protocol: 99 }, 422, 'protocol-unsupported'],
    ['a body that is none', { inventory: { cpus: 'many' } }, 400, 'invalid-enrolment'],
  ])('refuses %s', async (_case, body, status, code) => {
    const response = await house.enrol(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('calls a host online at its first heartbeat, once', async () => {
    host = await PlayedHost.connect(house, answer);
    await eventually(async () => {
      host.beat();
      expect(await source.getRepository(hostPresence).countBy({ host: host.id })).toBe(1);
    });
    const types = await eventsOfHost(house, host.id);
    expect(types.filter((type) => type === 'HostCameOnline')).toHaveLength(1);
  });

  it('orders both variants when an experiment starts, and repeats an order that got no answer', async () => {
    host.accepting = false;
    await startExperiment(house, 'e1', [host.id]);
    await eventually(() => expect(host.orders.length).toBeGreaterThanOrEqual(2));
    host.accepting = true;
    expect(new Set(host.orders.map(({ taskId }) => taskId)).size).toBe(1);
    expect(host.orders[0]).toMatchObject({
      generation: 1,
      experimentId: 'e1',
      criticalProcesses: ['nginx'],
      collectors: [
        { variant: 'baseline', role: 'live', rendered: { templateId: 'baseline' } },
        { variant: 'candidate', role: 'shadow', rendered: { templateId: 'topk' } },
      ],
    });
  });

  it('keeps every stage of the order in the ledger and takes a repeated report once', async () => {
    const [order] = host.orders;
    for (const stage of ['received', 'validated', 'applying', 'effective'] as const)
      await host.report(order!, stage);
    await host.report(order!, 'effective', true);
    await eventually(async () => {
      const rows = await source
        .getRepository(hostAttempt)
        .findBy({ host: host.id, experimentId: 'e1' as AggregateId });
      expect(rows.map(({ stage }) => stage).sort()).toEqual(
        ['applying', 'effective', 'offered', 'received', 'validated'].sort(),
      );
    });
    const applied = (await eventsOfHost(house, host.id)).filter(
      (type) => type === 'HostConfigurationApplied',
    );
    expect(applied).toHaveLength(1);
  });

  it('gives the newest order again to a host that says hello with less, also after a restart of the gateway', async () => {
    await house.stopGateway();
    await house.startGateway();
    const before = host.orders.length;
    await eventually(() => {
      host.beat(0);
      expect(host.orders.length).toBeGreaterThan(before);
    });
    expect(host.orders.at(-1)?.generation).toBe(1);
    const offered = await source.getRepository(hostAttempt).countBy({ host: host.id, stage: 'offered' });
    expect(offered).toBeGreaterThanOrEqual(1);
  });

  it('ends a stop only when the host runs the baseline alone', async () => {
    host.beat(1);
    await stopExperiment(house, 'e1');
    await eventually(() => expect(host.orders.at(-1)?.generation).toBe(2));
    const order = host.orders.at(-1)!;
    expect(order.collectors.map(({ variant, role }) => `${variant} ${role}`)).toEqual(['baseline live']);
    expect(order.drain).toBe(false);
    expect(await phaseOf(house, 'e1')).toBe('stopping');
    await host.report(order, 'effective');
    await eventually(async () => expect(await phaseOf(house, 'e1')).toBe('stopped'));
    // What it is told once it has arrived is what it was told on the way.
    host.beat(1);
    await eventually(() => expect(host.orders.at(-1)).not.toBe(order));
    expect(host.orders.at(-1)?.generation).toBe(2);
  });

  it('does not believe a heartbeat that names another host', async () => {
    const before = await source.getRepository(hostPresence).findOneByOrFail({ host: host.id });
    host.beat(1, 'victim');
    await eventually(async () => {
      host.beat(1);
      const now = await source.getRepository(hostPresence).findOneByOrFail({ host: host.id });
      expect(now.lastHeartbeatAt > before.lastHeartbeatAt).toBe(true);
    });
    expect(await source.getRepository(hostPresence).count()).toBe(1);
    await host.stop();
  });
});
