import { gatewayLease, hostAttempt } from '#lib/database';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { leaseNames } from './shared/host-share.js';
import { shardOf } from './shared/host-shards.js';
import { eventsOfHost, phaseOf, startExperiment, stopExperiment } from './testing/experiments.js';
import { eventually, GatewayHouse, tenant } from './testing/gateway-house.js';
import { PlayedHost } from './testing/played-host.js';

const HOSTS = 12;

describe('two gateways at one hub', () => {
  let house: GatewayHouse;
  let other: NestFastifyApplication;
  const hosts: PlayedHost[] = [];
  let beating: ReturnType<typeof setInterval>;

  beforeAll(async () => {
    house = await GatewayHouse.open(HOSTS);
    other = await house.startAnother();
    for (let i = 0; i < HOSTS; i++)
      hosts.push(await PlayedHost.connect(house, await house.enrolled(`web-${i}`)));
    beating = setInterval(() => hosts.forEach((host) => host.heartbeat()), 500);
  });
  afterAll(async () => {
    clearInterval(beating);
    await Promise.all(hosts.map((host) => host.stop()));
    await other.close();
    await house.close();
  });

  /** How many leases each of the holders has, the fewest first. */
  const shares = async (): Promise<readonly number[]> => {
    const rows = await house.source.getRepository(gatewayLease).find();
    const counts = new Map<string, number>();
    for (const { owner } of rows) if (owner !== null) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => a - b);
  };
  const eventsOf = ({ id }: PlayedHost) => eventsOfHost(house, id);
  const everyHost = (assertion: (host: PlayedHost) => void | Promise<void>) =>
    eventually(async () => {
      for (const host of hosts) await assertion(host);
    });

  it('share the parts of the fleet evenly', async () => {
    const half = leaseNames.length / 2;
    await eventually(async () => expect(await shares()).toEqual([Math.floor(half), Math.ceil(half)]));
    // Else the rest would prove nothing about two.
    expect(new Set(hosts.map(({ id }) => shardOf(tenant, id))).size).toBeGreaterThan(3);
  });

  it('call each host online once', async () => {
    await everyHost(async (host) => {
      expect(await eventsOf(host)).toContain('HostCameOnline');
    });
    for (const host of hosts)
      expect((await eventsOf(host)).filter((type) => type === 'HostCameOnline')).toHaveLength(1);
  });

  it('give each host one order, under one generation', async () => {
    await startExperiment(
      house,
      'e1',
      hosts.map(({ id }) => id),
    );
    await everyHost(({ orders }) => expect(orders.length).toBeGreaterThan(0));
    for (const host of hosts) await host.heardAll(house);
    expect(hosts.map(({ orders }) => orders.map(({ generation }) => generation))).toEqual(
      hosts.map(() => [1]),
    );
    const offered = await house.source.getRepository(hostAttempt).findBy({ stage: 'offered' });
    expect(offered.map(({ host }) => host).sort()).toEqual(hosts.map(({ id }) => id).sort());
  });

  it('take each report once, whichever gateway reads', async () => {
    for (const host of hosts)
      for (const stage of ['received', 'validated', 'applying', 'effective'] as const)
        await host.report(host.orders[0]!, stage);
    await everyHost(async (host) => {
      const types = await eventsOf(host);
      expect(types.filter((type) => type === 'HostConfigurationApplied')).toHaveLength(1);
      expect(await house.source.getRepository(hostAttempt).countBy({ host: host.id })).toBe(5);
    });
  });

  it('offer again what a host took from neither of them', async () => {
    const [host] = hosts;
    const before = host!.orders.length;
    host!.answering = 'fenced';
    host!.hello({ generation: 0 });
    await eventually(() => expect(host!.orders.length).toBeGreaterThanOrEqual(before + 3));
    host!.answering = undefined;
  });

  it('pass all hosts on when one of them ends, and nothing is offered that was answered', async () => {
    const before = hosts.map(({ orders }) => orders.length);
    await other.close();
    await eventually(async () => expect(await shares()).toEqual([leaseNames.length]));
    await stopExperiment(house, 'e1');
    await everyHost(({ orders }) => expect(orders.at(-1)?.generation).toBe(2));
    for (const host of hosts) await host.heardAll(house);
    const later = hosts.map(({ orders }, i) => orders.slice(before[i]).map(({ generation }) => generation));
    // Who takes a host over does not know what it has: the order that holds may be offered again, and is known there.
    for (const generations of later)
      expect(generations.filter((generation) => generation === 2)).toHaveLength(1);
    for (const host of hosts) await host.report(host.orders.at(-1)!, 'effective');
    await eventually(async () => expect(await phaseOf(house, 'e1')).toBe('stopped'));
  });
});
