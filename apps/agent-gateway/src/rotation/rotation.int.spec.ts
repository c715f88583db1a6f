import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import { HTTP_DOOR_PATHS, OUTBOX_HEADERS } from '#lib/agent-protocol';
import { hostCredential } from '#lib/database';
import { hostDecider } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { AgentProcess } from '../testing/agent-process.js';
import { doorNames, type DoorName } from '../testing/door-keys.js';
import { startExperiment } from '../testing/experiments.js';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';
import { messagesOf } from '../testing/stored-messages.js';

const PATIENCE_MS = 180_000;
const WITHIN_MS = 60_000;
const soon = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, what, PATIENCE_MS);

/** What a host can show. */
type Shown = { readonly creds: string; readonly http: string };

describe.each<DoorName>(doorNames)('a host that is connected by %s and gets a new credential', (door) => {
  let house: GatewayHouse;
  let agent: AgentProcess;
  let old: Shown;
  /** All that was said between the two on NATS, but for the windows. */
  const overheard: string[] = [];

  beforeAll(async () => {
    // At its usual pace: a kill must find a moment between two steps.
    house = await GatewayHouse.open(1, { clock: systemClock });
    agent = await AgentProcess.enrolled(house, door);
    old = await shown();
    for (const subject of ['rep.>', 'down.>', 'up.>'])
      house.services.connection.subscribe(subject, {
        callback: (_error, message) => void overheard.push(message.string()),
      });
    await agent.start();
    await soon(async () => (await eventsOf()).includes('HostCameOnline'), 'the host');
    await startExperiment(house, 'e1', [agent.host]);
    await soon(async () => (await windows()).length > 0, 'its windows');
  }, PATIENCE_MS);
  afterAll(async () => {
    await agent.stop();
    await house.close();
  }, PATIENCE_MS);

  const shown = async (): Promise<Shown> => ({
    creds: await agent.read('host.creds'),
    http: await agent.read('http.credential'),
  });
  const windows = () => messagesOf(house, 'METRICS', agent.host);
  const store = () => new JetStreamEventStore(house.services);
  const ref = () => ({ tenant, aggregate: 'host', id: agent.host as string as AggregateId }) as const;
  const commits = () => store().load(ref());
  const eventsOf = async () =>
    (await commits()).flatMap(({ events }) => events.map(({ type }) => type as string));
  const rotations = async () => (await eventsOf()).filter((type) => type === 'HostCredentialRotated').length;
  /** Asks as `phoenix fleet rotate` does. */
  const rotate = () =>
    new CommandHandler(store(), systemClock).handle(
      hostDecider,
      ref(),
      { type: 'RequestHostCredentialRotation', at: systemClock.iso(), reason: 'yearly' },
      { commandId: commandIdFrom(randomUUID()), actor: { kind: 'user', id: 'u1' } },
    );
  const isLetInByHub = async ({ creds }: Shown) => {
    const authenticator = credsAuthenticator(new TextEncoder().encode(creds));
    const found = await connect({ servers: house.config.natsUrl, authenticator, reconnect: false }).catch(
      () => undefined,
    );
    await found?.close();
    return found !== undefined;
  };
  const statusOverHttp = async ({ http }: Shown) => {
    const headers = { authorization: `Bearer ${http}` };
    // The answer to a wait that no poll may have is 422 for a host, and nothing is taken.
    return (await fetch(`${house.url}/api/v1/${HTTP_DOOR_PATHS.tasks}?wait=-1`, { headers })).status;
  };
  /** How often its leaf has linked to the hub. */
  const links = async () =>
    (await readFile(join(house.parts.dir, 'leaf', 'nats-leaf.log'), 'utf8').catch(() => '')).split(
      'Leafnode connection created',
    ).length - 1;
  /** Resolves when what the host sends from now on is stored. */
  const isHeardAgain = async () => {
    const { length } = await windows();
    await soon(async () => (await windows()).length > length, 'the next window');
  };

  it('uses it by itself, and the old one is worth nothing within a minute', async () => {
    expect([await isLetInByHub(old), await statusOverHttp(old)]).toEqual([true, 422]);
    const linked = await links();
    await rotate();
    await soon(async () => (await rotations()) === 1, 'the rotation');
    const at = systemClock.now();
    await soon(async () => !(await isLetInByHub(old)), 'the hub to refuse the old one');
    await soon(async () => (await statusOverHttp(old)) === 401, 'the gateway to refuse the old one');
    expect(systemClock.now() - at).toBeLessThan(WITHIN_MS);

    const fresh = await shown();
    expect(fresh.creds).not.toBe(old.creds);
    expect([await isLetInByHub(fresh), await statusOverHttp(fresh)]).toEqual([true, 422]);
    // The leaf was let in with the old one: cut off, it has read the file again.
    if (door === 'leaf') await soon(async () => (await links()) > linked, 'the leaf to come back');
    await isHeardAgain();
    const [row] = await house.source.getRepository(hostCredential).findBy({ host: agent.host });
    expect(row?.nextSecretHash).toBeNull();
    expect(await agent.read('rotation.json')).not.toMatch(/seed|jwt/);
  });

  it('never sends a secret', async () => {
    const fresh = await shown();
    const [, seed = ''] = /(SU[A-Z2-7]{56})/.exec(fresh.creds) ?? [];
    const said = JSON.stringify(await commits()) + (await agent.log()) + overheard.join();
    expect(seed).toHaveLength(58);
    expect(overheard.filter((text) => text.includes('"proof"')).length).toBeGreaterThan(0);
    expect(said).not.toContain(seed);
    expect(said).not.toContain(fresh.http.split('.')[2]);
  });

  // What is on the disk at which step is the same behind every door.
  if (door === 'leaf')
    it.each([
      [
        'before the new one is in its place',
        async (before: Shown) => (await stage()) === 'signed' || isNew(before),
      ],
      ['before it has proved it', (before: Shown) => isNew(before)],
    ])('comes back when it is killed %s', async (_when, isMoment) => {
      const { before, done } = await killedAt(isMoment);
      expect(await isLetInByHub(before)).toBe(true);
      await agent.start();
      await soon(async () => (await rotations()) === done + 1, 'the rotation');
      await soon(async () => !(await isLetInByHub(before)), 'the old one to be refused');
      expect(await isLetInByHub(await shown())).toBe(true);
      await isHeardAgain();
    });

  /** Kills the agent in the middle of a rotation. One that was through before the kill proves nothing: then again. */
  const killedAt = async (isMoment: (before: Shown) => boolean | Promise<boolean>) => {
    for (;;) {
      const before = await shown();
      const done = await rotations();
      await rotate();
      await soon(() => isMoment(before), 'the moment');
      await agent.kill();
      // A gateway that has stopped is in the middle of nothing.
      await house.stopGateway();
      const isThrough = (await rotations()) > done;
      await house.startGateway();
      if (!isThrough) return { before, done };
      await agent.start();
    }
  };
  const stage = async () =>
    (JSON.parse((await agent.read('rotation.json')) || '{}') as { readonly stage?: string }).stage;
  const isNew = async (before: Shown) => (await shown()).creds !== before.creds;

  it('keeps its outbox, and has lost nothing', async () => {
    const stored = await windows();
    expect(new Set(stored.map(({ header }) => header(OUTBOX_HEADERS.epoch))).size).toBe(1);
    // What was sent without an answer is sent again under its number.
    const numbers = [...new Set(stored.map(({ header }) => Number(header(OUTBOX_HEADERS.n))))];
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });

  it('says that it is linked, and by its leaf where it has one', async () => {
    await soon(
      async () => (JSON.parse(await agent.read('status.json')) as { isLinked: boolean }).isLinked,
      'it',
    );
    if (agent.leaf !== undefined) expect(await agent.leaf.isLinked()).toBe(true);
  });
});
