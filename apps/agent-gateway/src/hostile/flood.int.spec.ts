import { OUTBOX_HEADERS, type UplinkMessage } from '#lib/agent-protocol';
import { hostPresence, outboxGap, task } from '#lib/database';
import { streams, subjects, type AggregateId } from '#lib/events';
import { systemClock } from '#lib/platform';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { HostileHost } from '../testing/hostile-host.js';
import { PlayedHost } from '../testing/played-host.js';

const at = '2026-01-02T03:04:05.000Z';
const encode = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const gap = (n: number) => ({ kind: 'outbox-gap', at, fromN: n, toN: n }) as const;
const quotaOf = (name: string) => streams.find((stream) => stream.name === name)!.maxMessagesPerSubject!;

/** What stood before the victim's reports when the gateway was away. */
const BACKLOG = 3_000;
const REPORTS = 10;
/** Looks that are taken for what a small and busy machine may need minutes for. */
const PATIENT = 4_000;

describe('a host that floods', () => {
  let house: GatewayHouse;
  let victim: PlayedHost;
  let flooder: HostileHost;
  let told = 0;

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    victim = await PlayedHost.connect(house, await house.enrolled('victim'));
    flooder = await HostileHost.connect(house, await house.enrolled('flooder'), 'direct');
  }, 120_000);
  afterAll(async () => {
    flooding.abort();
    await flooder.stop();
    await victim.stop();
    await house.close();
  });

  /** As an outbox does it: one in flight, and what is not acknowledged is sent again under its number. */
  const tell = (message: UplinkMessage) =>
    victim.tell(message).catch(() => eventually(() => victim.tell(message, true)));
  const report = async (count: number) => {
    for (let i = 0; i < count; i++) {
      told += 1;
      await tell(gap(told));
    }
  };
  const rowsOf = (host: string) => house.source.getRepository(outboxGap).countBy({ host: host as never });
  /** How much a stream holds of a host. */
  const heldOf = async (stream: string, filter: string) => {
    const manager = await house.services.manager();
    const { state } = await manager.streams.info(stream, { subjects_filter: filter });
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  };
  const uplinkOf = (host: string) => heldOf('UPLINK', subjects.uplinkOf(tenant, host));
  const flooding = new AbortController();
  const limited = (kind: string) => house.counted('phoenix_gateway_rate_limited_total', `kind="${kind}"`);

  it('does not stand before the reports of another, however much it told before them', async () => {
    await house.stopGateway();
    for (let n = 1; n <= BACKLOG; n++) flooder.report(JSON.stringify(gap(n)), n, 'e1', 'outbox-gap');
    await flooder.connection.flush();
    await eventually(async () => expect(await uplinkOf(flooder.id)).toBe(BACKLOG));
    await report(REPORTS);
    await house.startGateway();
    await eventually(async () => expect(await rowsOf(victim.id)).toBe(REPORTS), PATIENT);
    // The database numbers its transactions as they write: what of the flood was taken before the victim's last.
    const [row] = await house.source.query<{ readonly before: string }[]>(
      `SELECT count(*) AS before FROM outbox_gap WHERE host = $1 AND xmin::text::bigint <
         (SELECT max(xmin::text::bigint) FROM outbox_gap WHERE host = $2)`,
      [flooder.id, victim.id],
    );
    expect(Number(row?.before)).toBeLessThan(BACKLOG / 2);
    // The flooder loses nothing either.
    await eventually(async () => expect(await rowsOf(flooder.id)).toBe(BACKLOG), PATIENT);
  }, 240_000);

  it('is heard no more than its share, while all of another is taken and tasks reach it', async () => {
    let n = BACKLOG;
    const flood = async () => {
      while (!flooding.signal.aborted) {
        for (let i = 0; i < 50; i++) {
          flooder.beat();
          flooder.send(flooder.subjects.hello, '{"pattern":"x","id":"1"}');
          flooder.send(flooder.subjects.reply('t1'), '{}');
          flooder.send(flooder.subjects.metrics, 'no window');
          n += 1;
          flooder.report(JSON.stringify(gap(n)), n, 'e1', 'outbox-gap');
          flooder.report('no JSON', n, 'e2', `kind${i}`);
        }
        await flooder.connection.flush();
      }
    };
    const running = flood();
    await eventually(async () => {
      victim.beat();
      expect(await house.source.getRepository(hostPresence).countBy({ host: victim.id })).toBe(1);
    });
    const ids = ['f1', 'f2', 'f3'] as AggregateId[];
    const deadline = new Date(systemClock.now() + 3_600_000).toISOString();
    for (const taskId of ids) {
      const body = { kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 10 } as const;
      const by = { kind: 'user', id: 'u1' } as const;
      const request = encode({ op: 'request', at: systemClock.iso(), by, task: body });
      await eventually(async () => {
        await house.services.publisher.publish(subjects.task(tenant, victim.id), request);
      });
    }
    const phaseOf = async (id: AggregateId) =>
      (await house.source.getRepository(task).findOneBy({ tenant, id }))?.phase;
    await eventually(async () => {
      victim.beat();
      expect(await Promise.all(ids.map(phaseOf))).toEqual(['accepted', 'accepted', 'accepted']);
    });
    for (const taskId of ids)
      await tell({ kind: 'task-result', at: systemClock.iso(), taskId, outcome: 'done', detail: '' });
    told += ids.length;
    await report(REPORTS);
    await eventually(async () => expect(await rowsOf(victim.id)).toBe(2 * REPORTS), PATIENT);
    expect(await Promise.all(ids.map(phaseOf))).toEqual(['done', 'done', 'done']);
    await eventually(async () => {
      expect(await limited('hello')).toBeGreaterThan(100);
      expect(await limited('heartbeat')).toBeGreaterThan(100);
      expect(await limited('log-line')).toBeGreaterThan(0);
    });
    flooding.abort();
    await running;
    expect([...new Set(victim.received.map(({ taskId }) => taskId))]).toEqual(ids);
  }, 240_000);

  it('fills its own quota and nothing of another: its reports are refused, its oldest windows give way', async () => {
    const before = await uplinkOf(victim.id);
    const window = encode({ window: 1 });
    const met = `met.*.${tenant}.`;
    const sent = Math.max(quotaOf('UPLINK'), quotaOf('METRICS')) + 200;
    await eventually(() => victim.window(window));
    for (let n = 1; n <= sent; n++) {
      // Another kind each time: kinds give it no room.
      flooder.report('x', n, 'e3', `kind${n}`);
      flooder.send(flooder.subjects.metrics, 'x', { headers: { [OUTBOX_HEADERS.n]: String(n) } });
      if (n % 500 === 0) await flooder.connection.flush();
    }
    await eventually(async () =>
      expect(await flooder.refusalOf('attempt')).toBe('maximum messages per subject exceeded'),
    );
    expect(await uplinkOf(flooder.id)).toBe(quotaOf('UPLINK'));
    expect(await flooder.isRefused(`${flooder.subjects.uplink('more')}.parts`)).toBe(true);
    await eventually(
      async () => expect(await heldOf('METRICS', `${met}${flooder.id}`)).toBe(quotaOf('METRICS')),
      PATIENT,
    );
    await eventually(() => victim.window(window));
    expect(await heldOf('METRICS', `${met}${victim.id}`)).toBeGreaterThanOrEqual(2);
    await report(REPORTS);
    expect(await uplinkOf(victim.id)).toBeGreaterThanOrEqual(before + REPORTS);
    await eventually(async () => expect(await rowsOf(victim.id)).toBe(3 * REPORTS), PATIENT);
  }, 240_000);
});
