import type { EnrolResponse } from '#lib/agent-protocol';
import { hostDecider } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { HostileHost, type Door } from '../testing/hostile-host.js';

const WITHIN_MS = 60_000;

describe.each<Door>(['direct', 'leaf'])('a host that is revoked while it is connected %s', (door) => {
  let house: GatewayHouse;
  let stolen: EnrolResponse;
  let thief: HostileHost;
  let bystander: HostileHost;

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    stolen = await house.enrolled('stolen');
    thief = await HostileHost.connect(house, stolen, door);
    bystander = await HostileHost.connect(house, await house.enrolled('bystander'), 'direct');
  }, 120_000);
  afterAll(async () => {
    await thief.stop();
    await bystander.stop();
    await house.close();
  });

  const revoke = (host: string) =>
    new CommandHandler(new JetStreamEventStore(house.services), systemClock).handle(
      hostDecider,
      { tenant, aggregate: 'host', id: host as AggregateId },
      { type: 'RevokeHost', at: systemClock.iso(), reason: 'stolen' },
      { commandId: commandIdFrom('revoke', host), actor: { kind: 'user', id: 'u1' } },
    );
  /** True when the hub stores what the host sends. */
  const isTaken = async (host: HostileHost) => !(await host.isRefused(host.subjects.metrics, 'window'));

  it('is cut off within a minute, and nobody else is', async () => {
    await eventually(async () => expect(await isTaken(thief)).toBe(true));
    const at = systemClock.now();
    await revoke(stolen.host);
    await eventually(async () => expect(await isTaken(thief)).toBe(false));
    expect(systemClock.now() - at).toBeLessThan(WITHIN_MS);
    await eventually(async () => expect(await thief.isCut()).toBe(true));
    expect(await isTaken(bystander)).toBe(true);
    expect(await bystander.isCut()).toBe(false);
  });

  it('does not come back with the same credential, also when the gateway was started anew', async () => {
    await house.stopGateway();
    await house.startGateway();
    const again = await HostileHost.connect(house, stolen, 'direct').catch(() => undefined);
    expect(again).toBeUndefined();
    expect(await isTaken(bystander)).toBe(true);
  });

  it('loses the credential that a newer one replaces', async () => {
    expect(await bystander.isCut()).toBe(false);
    const renewed = await HostileHost.connect(house, await house.enrolled('bystander'), 'direct');
    await eventually(async () => expect(await bystander.isCut()).toBe(true));
    expect(await isTaken(renewed)).toBe(true);
    await renewed.stop();
  });
});
