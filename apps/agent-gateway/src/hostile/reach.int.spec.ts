import { setTimeout as wait } from 'node:timers/promises';
import { outboxGap } from '#lib/database';
import { streams, subjects, type HostId } from '#lib/events';
import { eventually, GatewayHouse, tenant } from '../testing/gateway-house.js';
import { HostileHost, type Door } from '../testing/hostile-host.js';
import { PlayedHost } from '../testing/played-host.js';

const MARK = 'written by the thief';

describe.each<Door>(['direct', 'leaf'])('a stolen host credential, used %s', (door) => {
  let house: GatewayHouse;
  let victim: PlayedHost;
  let thief: HostileHost;
  const other = 'globex';

  beforeAll(async () => {
    house = await GatewayHouse.open(2);
    victim = await PlayedHost.connect(house, await house.enrolled('victim'));
    thief = await HostileHost.connect(house, await house.enrolled('thief'), door);
  }, 120_000);
  afterAll(async () => {
    await thief.stop();
    await victim.stop();
    await house.close();
  });

  /** How much each stream holds. */
  const stored = async () => {
    const manager = await house.services.manager();
    const infos = await Promise.all(streams.map(({ name }) => manager.streams.info(name)));
    return Object.fromEntries(infos.map(({ config, state }) => [config.name, state.last_seq]));
  };
  /** The same once what this house itself was told before has been stored. */
  const storedAtRest = async () => {
    for (let before = await stored(); ;) {
      await wait(500);
      const now = await stored();
      if (JSON.stringify(now) === JSON.stringify(before)) return now;
      before = now;
    }
  };
  /** Everything that passes through both accounts while `act` runs and until a last word of the thief arrived. */
  const heardWhile = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
    const heard: string[] = [];
    const take = (_: unknown, message: { subject: string; string(): string }) => {
      if (message.string().includes(MARK)) heard.push(message.subject);
    };
    const spies = [house.services.connection.subscribe('>', { callback: take })];
    await house.services.flush();
    await act();
    const end = thief.subjects.heartbeat;
    await eventually(() => {
      thief.send(end, MARK);
      expect(heard).toContain(end);
    });
    for (const spy of spies) spy.unsubscribe();
    return heard.filter((subject) => subject !== end);
  };

  const foreign = (id: HostId) => [
    ...['attempt', 'task-result', 'task-progress', 'outbox-gap'].map((kind) => `up.${tenant}.${id}.${kind}`),
    ...[`met.${tenant}.${id}`, `met.3.${tenant}.${id}`, `hb.${tenant}.${id}`, `hello.${tenant}.${id}`],
    ...[`rep.${tenant}.${id}.t1`, `down.${tenant}.${id}.task`, `_INBOX_${id}.x.1`],
  ];
  const houses = (id: HostId) => [
    ...[`evt.${tenant}.host.${id}`, `evt.${tenant}.experiment.e1`, `want.${tenant}.${id}`],
    ...[`task.${tenant}.${id}`, `task.${tenant}.${thief.id}`, `want.${tenant}.${thief.id}`],
    ...[`pub.${tenant}.host.HostRevoked`, `feed.${tenant}.hosts`, 'bell.order', 'bell.conclude'],
    ...['_INBOX.x', '$KV.settings.x', '$O.files.C.x', '$JS.ACK.UPLINK.x', '$JS.FC.x', '$LDS.x', '$GNR'],
  ];
  const apis = [
    ...['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST', '$JS.API.STREAM.INFO.EVENTS'],
    ...['$JS.API.STREAM.PURGE.UPLINK', '$JS.API.STREAM.DELETE.METRICS', '$JS.API.STREAM.CREATE.KV_x'],
    ...['$JS.API.STREAM.MSG.GET.EVENTS', '$JS.API.STREAM.MSG.DELETE.UPLINK', '$JS.API.DIRECT.GET.WANT'],
    ...['$JS.API.CONSUMER.CREATE.EVENTS', '$JS.API.CONSUMER.LIST.UPLINK', '$JS.hub.API.INFO'],
    ...[
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.CLAIMS.UPDATE',
      '$SYS.REQ.CLAIMS.LIST',
      '$SYS.REQ.SERVER.PING.CONNZ',
    ],
    ...['$SRV.PING', '$SRV.INFO'],
  ];
  const beyond = [
    ...[`up.${other}.THIEF.attempt`, `met.${other}.THIEF`, `hb.${other}.THIEF`, `hello.${other}.THIEF`],
    ...[`up.${tenant}.THIEF`, `hb.${tenant}.THIEF.more`, `hello.${tenant}.THIEF.more`],
    ...[`met.${tenant}.THIEF.more`, `up.${tenant}.*.attempt`, `up.${tenant}.>`, 'hb.*.*', 'down.>'],
  ];

  it('publishes nothing under another name, for the house, or beyond its own subjects', async () => {
    const before = await stored();
    const targets = [
      ...foreign(victim.id),
      ...houses(victim.id),
      ...beyond.map((s) => s.replace('THIEF', thief.id)),
    ];
    const tasks = victim.received.length;
    const leaked = await heardWhile(async () => {
      const answers = await Promise.all(targets.map((subject) => thief.isRefused(subject, MARK)));
      expect(targets.filter((_, i) => !answers[i])).toEqual([]);
    });
    expect(leaked).toEqual([]);
    expect(await stored()).toEqual(before);
    expect(victim.received).toHaveLength(tasks);
    expect(victim.refused).toEqual([]);
  });

  it('reaches neither the JetStream API nor the system', async () => {
    const before = await stored();
    const answers = await Promise.all(apis.map((subject) => thief.isRefused(subject)));
    // Every server tells a client about the connections of its own account; a leaf has only those of its machine.
    const ofTheLeaf = door === 'leaf' ? ['$SYS.REQ.SERVER.PING.CONNZ'] : [];
    expect(apis.filter((_, i) => !answers[i])).toEqual(ofTheLeaf);
    for (const subject of ofTheLeaf) {
      const answer = await thief.connection.request(subject, '');
      expect(answer.json()).toMatchObject({
        server: { name: expect.stringMatching(/^phoenix-leaf-/) as string },
      });
    }
    expect(await stored()).toEqual(before);
  });

  it('hears nothing of anybody else', async () => {
    const wanted = [
      ...[
        '>',
        '*.>',
        '*.*.*',
        'evt.>',
        'want.>',
        'task.>',
        'pub.>',
        'feed.>',
        'bell.>',
        'up.>',
        'met.>',
        'hb.*.*',
      ],
      ...['hello.*.*', 'rep.>', 'down.>', `down.${tenant}.*.task`, `down.${tenant}.${victim.id}.>`],
      ...['_INBOX.>', '_INBOX_*.>', `_INBOX_${victim.id}.>`, '$JS.>', '$KV.>', '$SYS.>', '_R_.>', '$JSC.>'],
    ];
    const heard = wanted.map((subject) => thief.spy(subject));
    await thief.connection.flush();
    const own = thief.spy(`down.${tenant}.${thief.id}.>`);
    await eventually(async () => {
      victim.beat();
      await victim.tell({ kind: 'outbox-gap', at: '2026-01-01T00:00:00.000Z', fromN: 1, toN: 1 });
      for (const subject of [...houses(victim.id), `down.${tenant}.${victim.id}.task`])
        house.services.send(subject, new TextEncoder().encode('{"kind":"none"}'));
      house.services.send(`down.${tenant}.${thief.id}.x`, new TextEncoder().encode('yours'));
      expect(own.length).toBeGreaterThan(1);
    });
    // A leaf keeps all that is said on it for its own clients; what matters is that nothing of others came to it.
    const mine = [`down.${tenant}.${thief.id}.`, `hb.${tenant}.${thief.id}`, `_INBOX_${thief.id}.`, '$SYS.'];
    const foreignWords = heard.flat().filter((line) => !mine.some((prefix) => line.startsWith(prefix)));
    expect(foreignWords).toEqual([]);
    if (door === 'direct') expect(thief.violations.length).toBeGreaterThanOrEqual(wanted.length);
  });

  it('cannot make the servers speak for it: neither by a reply subject nor by a header', async () => {
    const before = await storedAtRest();
    const tasks = victim.received.length;
    const known = victim.refused.length;
    const targets = [
      ...[
        `down.${tenant}.${victim.id}.task`,
        `evt.${tenant}.host.${victim.id}`,
        `task.${tenant}.${victim.id}`,
      ],
      ...['$JS.API.STREAM.PURGE.EVENTS', '$JS.API.STREAM.DELETE.WANT', `up.${tenant}.${victim.id}.attempt`],
    ];
    for (const target of targets) {
      thief.send(thief.subjects.heartbeat, MARK, { reply: target });
      thief.send(thief.subjects.hello, JSON.stringify({ pattern: target, id: '1' }), { reply: target });
      thief.send(thief.subjects.reply('t1'), MARK, { reply: target });
      for (const name of ['Nats-Trace-Dest', 'Nats-Schedule-Target', 'Nats-Republish-Subject'])
        thief.send(thief.subjects.heartbeat, MARK, { headers: { [name]: target } });
      thief.send(thief.subjects.metrics, MARK, { reply: target });
    }
    await eventually(async () =>
      expect((await stored())['METRICS']).toBe(before['METRICS']! + targets.length),
    );
    await thief.connection.flush();
    expect(await stored()).toEqual({ ...before, METRICS: before['METRICS']! + targets.length });
    await victim.heardAll(house);
    expect(victim.received).toHaveLength(tasks);
    // The one thing that it can bring about: the server's receipt for its own message, whose text it does not choose.
    const receipt = { stream: 'METRICS', seq: expect.any(Number) as number };
    expect(victim.refused.slice(known).map((text) => JSON.parse(text) as unknown)).toEqual([receipt]);
  });

  it('cannot erase, order or count by the headers of JetStream, nor use up the message ids of others', async () => {
    const gap = (n: number) =>
      ({ kind: 'outbox-gap', at: '2026-01-01T00:00:00.000Z', fromN: n, toN: n }) as const;
    const ofVictim = async () => {
      const filter = { subjects_filter: subjects.uplinkOf(tenant, victim.id) };
      const { state } = await (await house.services.manager()).streams.info('UPLINK', filter);
      return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    };
    await victim.tell(gap(2));
    const before = await ofVictim();
    for (const headers of [
      ...[{ 'Nats-Rollup': 'all' }, { 'Nats-Rollup': 'sub' }, { 'Nats-TTL': '1s' }, { 'Nats-Incr': '1' }],
      ...[{ 'Nats-Batch-Id': 'b', 'Nats-Batch-Sequence': '1' }, { 'Nats-Schedule': '@every 1s' }],
      // Whatever the victim may send next, by any id that can be guessed.
      ...['e1', '4', 'e1.4', `${victim.id}.e1.4`].map((id) => ({ 'Nats-Msg-Id': id })),
    ])
      thief.send(thief.subjects.uplink('attempt'), MARK, { headers });
    await thief.connection.flush();
    await victim.tell(gap(3));
    expect(await ofVictim()).toBe(before + 1);
    await eventually(async () => {
      const rows = await house.source.getRepository(outboxGap).findBy({ host: victim.id });
      expect(rows.map(({ fromN }) => fromN)).toEqual(expect.arrayContaining([2, 3]));
    });
  });
});
