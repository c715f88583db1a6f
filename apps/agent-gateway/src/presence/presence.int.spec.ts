import { hostAttempt, hostHello, hostPresence } from '#lib/database';
import type { AggregateId, HostId } from '#lib/events';
import {
  OFFLINE_AFTER_SECONDS,
  SUSPECT_AFTER_SECONDS,
  type Attempt,
  type EnrolResponse,
} from '#lib/agent-protocol';
import { JetStreamEventStore, repeat, systemClock, type Clock } from '#lib/platform';
import { eventually, GatewayHouse, HASTE, tenant } from '../testing/gateway-house.js';
import { PlayedHost } from '../testing/played-host.js';

const START = Date.parse('2026-01-01T00:00:00.000Z');

/** Stands still until the test moves it; only its sleeps are real. So a slow machine makes no host look silent. */
class HeldClock implements Clock {
  private time = START;
  readonly sleep = systemClock.sleep;
  now(): number {
    return this.time;
  }
  iso(): string {
    return new Date(this.time).toISOString();
  }
  every(...[ms, task, onError]: Parameters<Clock['every']>) {
    return repeat(this, ms / HASTE, task, onError);
  }
  advance(seconds: number): void {
    this.time += seconds * 1000;
  }
}

const inventory = {
  ...{ os: 'linux', kernel: '6.1', arch: 'x64', cpus: 2, memoryBytes: 8e9 },
  collector: { kind: 'otelcol', version: '0.149.0' },
} as const;

describe('presence of a host at a real gateway', () => {
  const clock = new HeldClock();
  let house: GatewayHouse;
  let host: PlayedHost;
  let enrolled: EnrolResponse;
  let store: JetStreamEventStore;

  beforeAll(async () => {
    house = await GatewayHouse.open(2, { clock });
    store = new JetStreamEventStore(house.services);
    enrolled = await house.enrolled('web-1');
    host = await PlayedHost.connect(house, enrolled);
  });
  afterAll(async () => {
    await host.stop();
    await house.close();
  });

  const events = async () =>
    (await store.load({ tenant, aggregate: 'host', id: host.id as string as AggregateId })).flatMap(
      (commit) => commit.events,
    );
  const types = async () => (await events()).map(({ type }) => type);
  const presence = (id: HostId = host.id) =>
    house.source.getRepository(hostPresence).findOneByOrFail({ tenant, host: id });
  let beats = 0;
  /**
   * Sends a heartbeat of this moment until one is stored. It waits for the very last that it sent: another one that is
   * still on its way would be heard after the test has moved the clock.
   */
  const heard = async (more: object = {}): Promise<void> => {
    const isStored = async (bytes: number): Promise<boolean> => {
      for (let looks = 0; looks < 200; looks++) {
        if ((await presence().catch(() => undefined))?.agentRssBytes === bytes) return true;
        await systemClock.sleep(50);
      }
      return false;
    };
    do {
      beats += 1;
      host.heartbeat({ agent: { cpuPercent: 0.4, rssBytes: beats }, ...more });
    } while (!(await isStored(beats)));
    expect((await presence()).lastHeartbeatAt).toBe(clock.iso());
  };

  it('goes from online by suspect to offline and straight back, and only that becomes events', async () => {
    await heard();
    expect(await types()).toEqual(['HostEnrolled', 'HostCameOnline']);
    for (let times = 0; times < 3; times++) {
      clock.advance(SUSPECT_AFTER_SECONDS / 2);
      await heard();
    }
    expect(await types()).toEqual(['HostEnrolled', 'HostCameOnline']);

    const lastHeartbeatAt = clock.iso();
    clock.advance(SUSPECT_AFTER_SECONDS + 1);
    await eventually(async () =>
      expect((await events()).at(-1)).toMatchObject({ type: 'HostBecameSuspect', data: { lastHeartbeatAt } }),
    );
    await heard();
    const returned = ['HostEnrolled', 'HostCameOnline', 'HostBecameSuspect', 'HostCameOnline'];
    await eventually(async () => expect(await types()).toEqual(returned));

    clock.advance(SUSPECT_AFTER_SECONDS + 1);
    await eventually(async () => expect((await types()).at(-1)).toBe('HostBecameSuspect'));
    clock.advance(OFFLINE_AFTER_SECONDS - SUSPECT_AFTER_SECONDS);
    await eventually(async () => expect((await types()).at(-1)).toBe('HostWentOffline'));
    clock.advance(1);
    await heard();
    await eventually(async () =>
      expect(await types()).toEqual([
        ...returned,
        ...['HostBecameSuspect', 'HostWentOffline', 'HostCameOnline'],
      ]),
    );
  });

  it('goes on where it stood when the gateway is replaced', async () => {
    const before = await types();
    await house.stopGateway();
    clock.advance(10 * OFFLINE_AFTER_SECONDS);
    await house.startGateway();
    await heard();
    clock.advance(1);
    await heard();
    expect(await types()).toEqual(before);
  });

  it('notes that another run of the agent speaks, of another version', async () => {
    const before = await types();
    for (let times = 0; times < 4; times++) {
      clock.advance(SUSPECT_AFTER_SECONDS);
      await heard();
    }
    clock.advance(1);
    await heard({ bootId: 'b2', agentVersion: '0.2.0' });
    await eventually(async () => expect(await types()).toEqual([...before, 'HostCameOnline']));
    expect((await events()).at(-1)).toMatchObject({ data: { bootId: 'b2', agentVersion: '0.2.0' } });
  });

  it('keeps what a heartbeat tells of link, outbox and clock, and nothing where it does not tell', async () => {
    const nothing = { door: null, linkRttMs: null, outboxDropped: null, ingress: null };
    expect(await presence()).toMatchObject(nothing);
    const port = { port: 4318, isWanted: true, isOpen: true, forwarded: 9, accepted: 8, unavailable: 1 };
    const ingress = [{ ...port, copies: 8, dropped: 2 }];
    clock.advance(1);
    const sentAt = new Date(clock.now() - 1_500).toISOString();
    await heard({
      ...{ at: sentAt, generation: 3, link: { door: 'leaf', server: 'leaf-1', rttMs: 2.5 } },
      ...{ outbox: { results: 1, metrics: 2, dropped: 3, failure: 'ENOSPC' }, ingress },
    });
    expect(await presence()).toMatchObject({
      ...{ sentAt, generation: 3, door: 'leaf', linkServer: 'leaf-1', linkRttMs: 2.5 },
      ...{ outboxResults: 1, outboxMetrics: 2, outboxDropped: 3, outboxFailure: 'ENOSPC' },
      ingress,
    });
    clock.advance(1);
    // A door of a later release is no reason to call the host silent.
    await heard({ link: { door: 'pigeon' } });
    expect(await presence()).toMatchObject({ door: null });
  });

  it('keeps the last hello, and stores an inventory only when it is another', async () => {
    const told = async () => (await events()).filter(({ type }) => type === 'HostInventoryReported');
    const hellos = house.source.getRepository(hostHello);
    const say = (more: object) =>
      eventually(async () => {
        host.hello(more);
        const row = await hellos.findOneByOrFail({ tenant, host: host.id });
        expect(row).toMatchObject({ at: clock.iso(), ...('epoch' in more && { epoch: more.epoch }) });
      });
    clock.advance(1);
    await say({ inventory, epoch: 'e7' });
    expect(await told()).toEqual([]);

    const grown = { ...inventory, cpus: 4, collector: { kind: 'otelcol', version: '0.150.0' } };
    clock.advance(1);
    await say({ inventory: grown });
    await eventually(async () => expect(await told()).toMatchObject([{ data: { inventory: grown } }]));
    clock.advance(120);
    await say({ inventory: grown });
    // One that cannot be is none, and the hello counts all the same.
    clock.advance(1);
    await say({ inventory: { ...grown, cpus: 0 }, epoch: 'e8' });
    clock.advance(1);
    await say({ inventory });
    await eventually(async () => expect(await told()).toHaveLength(2));
    expect((await told()).at(-1)).toMatchObject({ data: { inventory } });
  });

  it('keeps in the ledger when the agent noticed what made an order fail, where it tells', async () => {
    const detectedAt = '2026-01-01T00:00:01.500Z';
    const attempt = (stage: Attempt['stage'], rest: Partial<Attempt>): Attempt => ({
      ...{ kind: 'attempt', taskId: 'g1-aaaa', generation: 1, collectors: [], at: clock.iso(), stage },
      ...rest,
    });
    await host.tell(attempt('applying', {}));
    await host.tell(attempt('failed', { reason: 'exit loop', detectedAt }));
    await eventually(async () => {
      const rows = await house.source.getRepository(hostAttempt).findBy({ host: host.id });
      expect(new Map(rows.map((row) => [row.stage, row.detectedAt]))).toEqual(
        new Map([
          ['applying', null],
          ['failed', detectedAt],
        ]),
      );
    });
  });
});
