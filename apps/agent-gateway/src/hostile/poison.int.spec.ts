import { OUTBOX_HEADERS } from '#lib/agent-protocol';
import { hostAttempt, hostPresence, outboxGap, uplinkCursor } from '#lib/database';
import type { AggregateId } from '#lib/events';
import { JetStreamEventStore, systemClock } from '#lib/platform';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { HostileHost } from '../testing/hostile-host.js';
import { PlayedHost } from '../testing/played-host.js';

const INT32_MAX = 2_147_483_647;
const at = '2026-01-02T03:04:05.000Z';
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const long = 'x'.repeat(100_000);

describe('what a hostile host reports', () => {
  let house: GatewayHouse;
  let victim: PlayedHost;
  let thief: HostileHost;
  let told = 0;

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    victim = await PlayedHost.connect(house, await house.enrolled('victim'));
    thief = await HostileHost.connect(house, await house.enrolled('thief'), 'direct');
    await eventually(async () => {
      for (const host of [victim, thief]) host.beat();
      expect(await house.source.getRepository(hostPresence).count()).toBe(2);
    });
  }, 120_000);
  afterAll(async () => {
    await thief.stop();
    await victim.stop();
    await house.close();
  });

  const attempt = (change: object = {}) => ({
    ...{ kind: 'attempt', at, generation: 1, taskId: 'g1-aa', stage: 'effective' },
    collectors: [{ variant: 'baseline', configHash: 'aa' }],
    ...change,
  });
  const collector = (change: object) => [{ variant: 'baseline', configHash: 'aa', ...change }];
  const life = (change: object = {}) => ({
    ...{ host: thief.id, bootId: 'b1', agentVersion: '0.1.0', at, generation: 0 },
    ...{ agent: { cpuPercent: 0.4, rssBytes: 60e6 }, outbox: { results: 0, metrics: 0 }, collectors: [] },
    ...change,
  });
  const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
  const victimIsHeard = async () => {
    told += 1;
    await victim.tell({ kind: 'outbox-gap', at, fromN: told, toN: told });
    await eventually(async () => {
      expect(await house.source.getRepository(outboxGap).countBy({ host: victim.id })).toBe(told);
    });
  };
  /** What the log says of the thief can be kept by every reader of it. */
  const logIsReadable = async () => {
    const store = new JetStreamEventStore(house.services);
    const ref = { tenant, aggregate: 'host', id: thief.id as string as AggregateId } as const;
    const events = (await store.load(ref)).flatMap((commit) => commit.events);
    expect(JSON.stringify(events)).not.toMatch(/\\u0000|\\ud[89a-f]|"0000-/);
    expect(JSON.stringify(events).length).toBeLessThan(20_000);
    for (const { data } of events)
      if ('generation' in data) expect(data.generation).toBeLessThanOrEqual(INT32_MAX);
  };

  let n = 0;
  it.each<[string, unknown, string?]>([
    ['an outbox named with NUL', attempt(), 'e\0'],
    ['an outbox with an endless name', attempt(), long],
    ['an outbox named like another table', attempt(), "e'; DROP TABLE task; --"],
    ['a generation beyond the database', attempt({ generation: INT32_MAX + 1 })],
    ['a generation beyond all integers', attempt({ generation: Number.MAX_SAFE_INTEGER })],
    ['a generation below nothing', attempt({ generation: -1 })],
    ['a year that the database does not know', attempt({ at: '0000-01-01T00:00:00.000Z' })],
    ['a failure in such a year', attempt({ stage: 'failed', at: '0000-02-29T00:00:00Z' })],
    ['an endless task id', attempt({ taskId: long })],
    ['a task id with NUL', attempt({ taskId: 'g1\0' })],
    ['a configuration named with NUL', attempt({ collectors: collector({ configHash: 'a\0a' }) })],
    ['a configuration with an endless name', attempt({ collectors: collector({ configHash: long }) })],
    ['half a character', attempt({ stage: 'failed', reason: '\ud800' })],
    ['more collectors than a host can run', attempt({ collectors: Array(2_000).fill(collector({})[0]) })],
    ['a gap beyond all integers', { kind: 'outbox-gap', at, fromN: -1e300, toN: 1e300 }],
    ['a gap in year zero', { kind: 'outbox-gap', at: '0000-01-01T00:00:00Z', fromN: 1, toN: 2 }],
    [
      'a result in year zero',
      { kind: 'task-result', at: '0000-01-01T00:00:00Z', taskId: 't', outcome: 'done', detail: '' },
    ],
    ['a nest of brackets', deep(60_000)],
    ['a nest within a report', `{"kind":"attempt","collectors":${deep(30_000)}}`],
    ['no JSON', '\0\x01\x02'],
    ['a prototype', '{"__proto__":{"kind":"attempt"},"constructor":{"prototype":{}}}'],
    ['nothing', ''],
  ])('holds up nobody: %s', async (_case, body, epoch = 'e1') => {
    n += 1;
    thief.report(text(body), n, epoch);
    await thief.connection.flush();
    await victimIsHeard();
    await logIsReadable();
  });

  it.each(['', 'NaN', '0', '-1', '1.5', '1e400', '9007199254740993', '0x', ' ', '1\0'])(
    'holds up nobody: the number %j',
    async (number) => {
      thief.report(text(attempt()), number, 'numbers');
      await thief.connection.flush();
      await victimIsHeard();
    },
  );

  it('takes no number of an earlier outbox twice, and nothing by it for another host', async () => {
    const attemptsOf = (host: string) =>
      house.source.getRepository(hostAttempt).countBy({ host: host as PlayedHost['id'], taskId: 'g1-again' });
    const report = (epoch: string, number: number, stage: string) =>
      thief.report(text({ ...attempt({ taskId: 'g1-again', stage }), host: victim.id }), number, epoch);
    report('first', 1, 'received');
    report('second', 1, 'validated');
    report('first', 1, 'applying');
    report('second', 1, 'effective');
    await thief.connection.flush();
    await victimIsHeard();
    // Hosts do not wait for each other, so the victim may be heard first.
    await eventually(async () => expect(await attemptsOf(thief.id)).toBe(2));
    expect([await attemptsOf(thief.id), await attemptsOf(victim.id)]).toEqual([2, 0]);
    // The victim's own numbering goes on where it was, although the thief used its epoch's name.
    const [cursor] = await house.source.getRepository(uplinkCursor).findBy({ host: victim.id });
    expect(cursor?.n).toBe(told);
  });

  it('keeps the heartbeats of others, whatever one says of itself', async () => {
    const lies: readonly (readonly [string, unknown])[] = [
      ['an outbox beyond the database', life({ outbox: { results: INT32_MAX + 1, metrics: 0 } })],
      ['half a byte of memory', life({ agent: { cpuPercent: 1, rssBytes: 1.5 } })],
      ['memory beyond the database', life({ agent: { cpuPercent: 1, rssBytes: 1e300 } })],
      ['a processor beyond all numbers', text(life()).replace('0.4', '1e999')],
      ['a boot with NUL', life({ bootId: 'b\0' })],
      ['a boot with an endless name', life({ bootId: long })],
      ['an endless version', life({ agentVersion: long })],
      ['a collector with NUL', life({ collectors: [{ ...STATUS, instance: 'i\0' }] })],
      ['more collectors than a host can run', life({ collectors: Array(1_000).fill(STATUS) })],
      ['another host', life({ host: victim.id })],
      ['a nest of brackets', deep(100_000)],
      ['a request for an answer', { pattern: 'hb.*.*', id: 'x', data: life() }],
      ['no JSON', '\0'],
    ];
    const heardOf = async () =>
      (await house.source.getRepository(hostPresence).findOneByOrFail({ host: victim.id })).lastHeartbeatAt;
    for (const turn of ['once', 'again']) {
      const since = systemClock.iso();
      await eventually(async () => {
        // In every round, so that each time of storing has to carry them.
        for (const [, lie] of lies)
          for (const subject of [
            thief.subjects.heartbeat,
            thief.subjects.hello,
            thief.subjects.reply('g1-aa'),
          ])
            thief.send(subject, text(lie));
        await thief.connection.flush();
        victim.beat();
        expect([turn, (await heardOf()) > since]).toEqual([turn, true]);
      });
    }
    await logIsReadable();
  });

  it('stores nothing larger than a stream takes', async () => {
    const before = (await (await house.services.manager()).streams.info('UPLINK')).state.last_seq;
    const headers = { [OUTBOX_HEADERS.epoch]: 'e1', [OUTBOX_HEADERS.n]: '99' };
    thief.send(thief.subjects.uplink('attempt'), 'x'.repeat(200_000), { headers });
    thief.send(thief.subjects.metrics, 'x'.repeat(400_000), { headers });
    await thief.connection.flush();
    await victimIsHeard();
    const after = (await (await house.services.manager()).streams.info('UPLINK')).state.last_seq;
    expect(after).toBe(before + 1);
  });
});

const STATUS = { instance: 'i', variant: 'baseline', configHash: 'aa', pid: 1, state: 'running' };
