import { randomUUID } from 'node:crypto';
import { hostDecider, type HostCommand } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { AgentProcess } from '../testing/agent-process.js';
import { HostileHost } from '../testing/hostile-host.js';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';

const PATIENCE_MS = 180_000;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

describe('a host that is away when a new credential is wanted for it', () => {
  let house: GatewayHouse;
  let agent: AgentProcess;

  beforeAll(async () => {
    house = await GatewayHouse.open(1);
    agent = await AgentProcess.enrolled(house, 'direct', { PHOENIX_OTELCOL: '' });
    await agent.start();
    await soon(async () => (await types()).includes('HostCameOnline'), 'the host');
    await agent.kill();
  }, PATIENCE_MS);
  afterAll(async () => {
    await agent.stop();
    await house.close();
  }, PATIENCE_MS);

  const store = () => new JetStreamEventStore(house.services);
  const ref = () => ({ tenant, aggregate: 'host', id: agent.host as string as AggregateId }) as const;
  const events = async () => (await store().load(ref())).flatMap((commit) => commit.events);
  const types = async () => (await events()).map(({ type }) => type as string);
  const tell = (command: HostCommand) =>
    new CommandHandler(store(), systemClock).handle(hostDecider, ref(), command, {
      commandId: commandIdFrom(randomUUID()),
      actor: { kind: 'user', id: 'u1' },
    });
  const rotate = () =>
    tell({ type: 'RequestHostCredentialRotation', at: systemClock.iso(), reason: 'yearly' });
  /** True when the hub lets in who shows these. */
  const isLetIn = async (creds: string) => {
    const shown = { host: agent.host, tenant, creds, leafUrl: '' };
    const host = await HostileHost.connect(house, shown, 'direct').catch(() => undefined);
    await host?.stop();
    return host !== undefined;
  };
  const creds = () => agent.read('host.creds');

  it(
    'keeps the old one until it comes, also when the gateway starts anew, and then gets its own',
    async () => {
      const old = await creds();
      await rotate();
      await soon(async () => (await types()).includes('HostWentOffline'), 'the host to be away');
      await house.stopGateway();
      await house.startGateway();
      expect(await types()).not.toContain('HostCredentialIssued');
      expect(await isLetIn(old)).toBe(true);
      await agent.start();
      await soon(async () => (await types()).includes('HostCredentialRotated'), 'the rotation');
      await soon(async () => !(await isLetIn(old)), 'the old one to be refused');
      expect(await isLetIn(await creds())).toBe(true);
    },
    PATIENCE_MS,
  );

  it(
    'is shut out by both when it is revoked in between',
    async () => {
      const old = await creds();
      await rotate();
      await soon(async () => (await creds()) !== old, 'the new one to be in its place');
      await agent.kill();
      const held = await creds();
      expect([await isLetIn(old), await isLetIn(held)]).toEqual([true, true]);
      await tell({ type: 'RevokeHost', at: systemClock.iso(), reason: 'gone' });
      // Its word that it uses the new one may have been under way when it was killed: that changes nothing here.
      await soon(async () => !(await isLetIn(old)) && !(await isLetIn(held)), 'both to be refused');
    },
    PATIENCE_MS,
  );
});
