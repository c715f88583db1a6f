import { randomUUID } from 'node:crypto';
import {
  HTTP_DOOR_PATHS as paths,
  MAX_LIFE_SIGN_BYTES,
  MAX_UPLINK_BYTES,
  OUTBOX_HEADERS,
  UPLINK_MEDIA_TYPE,
  type EnrolResponse,
} from '#lib/agent-protocol';
import { hostAttempt, hostCredential, hostPresence, uplinkCursor } from '#lib/database';
import { hostDecider } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import { CommandHandler, commandIdFrom, JetStreamEventStore, systemClock } from '#lib/platform';
import { eventually } from '#lib/platform-testing';
import { GatewayHouse, tenant } from '../testing/gateway-house.js';
import { messagesOf } from '../testing/stored-messages.js';

const PATIENCE_MS = 120_000;
const at = '2026-01-02T03:04:05.000Z';

describe('the edge of the HTTP door', () => {
  let house: GatewayHouse;
  let host: EnrolResponse;
  let other: EnrolResponse;

  beforeAll(async () => {
    house = await GatewayHouse.open(3);
    host = await house.enrolled('web-1');
    other = await house.enrolled('web-2');
    await eventually(async () => (await send('GET', `${paths.tasks}?wait=0`)).status === 204, 'the gateway');
  }, PATIENCE_MS);
  afterAll(() => house.close(), PATIENCE_MS);

  const send = async (
    method: 'GET' | 'POST',
    path: string,
    { credential = host.httpCredential, ...init }: RequestInit & { credential?: string | undefined } = {},
  ) => {
    const headers = { ...(init.headers as object), authorization: `Bearer ${credential}` };
    const answer = await fetch(`${house.url}/api/v1/${path}`, { method, ...init, headers });
    const text = await answer.text();
    const problem = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
    return { status: answer.status, code: problem['code'], type: answer.headers.get('content-type') };
  };
  const json = (body: unknown) => ({
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const message = (n: number | string, body: unknown, epoch = 'e1', more: object = {}) => ({
    headers: {
      'content-type': UPLINK_MEDIA_TYPE,
      [OUTBOX_HEADERS.epoch]: epoch,
      [OUTBOX_HEADERS.n]: String(n),
      ...more,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const life = (change: object = {}) => ({
    ...{ host: host.host, bootId: 'b1', agentVersion: '0.1.0', at, generation: 0 },
    ...{ agent: { cpuPercent: 0.4, rssBytes: 60e6 }, outbox: { results: 0, metrics: 0 }, collectors: [] },
    ...change,
  });
  const hello = (change: object = {}) => ({
    ...{ protocol: 1, host: host.host, bootId: 'b1', epoch: 'e1', agentVersion: '0.1.0', at, generation: 0 },
    ...change,
  });
  const attempt = (generation: number, change: object = {}) => ({
    ...{ kind: 'attempt', at, generation, taskId: 'g1-aa', stage: 'received', collectors: [] },
    ...change,
  });
  const storedOf = async ({ host: id }: EnrolResponse) => (await messagesOf(house, 'UPLINK', id)).length;

  it('keeps only the hash of a credential', async () => {
    const rows = await house.source.getRepository(hostCredential).find();
    expect(rows.map((row) => row.host).sort()).toEqual([host.host, other.host].sort());
    const secret = host.httpCredential!.split('.')[2]!;
    expect(secret).toHaveLength(43);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it.each<[string, () => string | undefined]>([
    ['none', () => ''],
    ['one that is none', () => 'let-me-in'],
    ['another secret', () => host.httpCredential!.replace(/[^.]{43}$/, 'A'.repeat(43))],
    ['the secret of another host', () => `${tenant}.${other.host}.${host.httpCredential!.split('.')[2]!}`],
    ['the secret under another tenant', () => host.httpCredential!.replace(/^[^.]+/, 'globex')],
    ['an unknown host', () => `${tenant}.nobody.${'A'.repeat(43)}`],
    ['an endless one', () => 'x'.repeat(10_000)],
    ['the NATS credential', () => host.creds.replaceAll(/\s/g, '').slice(0, 200)],
    ['names with wildcards', () => `*.>.${'A'.repeat(43)}`],
  ])('lets nobody in with %s', async (_what, credential) => {
    const shown = credential();
    const asked = await Promise.all([
      send('GET', `${paths.tasks}?wait=0`, { credential: shown }),
      send('POST', paths.hello, { credential: shown, ...json(hello()) }),
      send('POST', paths.heartbeat, { credential: shown, ...json(life()) }),
      send('POST', paths.results, { credential: shown, ...message(1, attempt(1)) }),
      send('POST', paths.metrics, { credential: shown, ...message(1, 'window') }),
      send('POST', paths.acceptance('t1'), {
        credential: shown,
        ...json({ taskId: 't1', status: 'accepted' }),
      }),
    ]);
    for (const answer of asked)
      expect(answer).toMatchObject({
        status: 401,
        code: 'unauthenticated',
        type: 'application/problem+json; charset=utf-8',
      });
    expect(await storedOf(host)).toBe(0);
  });

  it('believes no host that a body names', async () => {
    for (const [path, body] of [
      [paths.hello, hello({ host: other.host })],
      [paths.heartbeat, life({ host: other.host })],
    ] as const)
      expect(await send('POST', path, json(body))).toMatchObject({ status: 403, code: 'host-mismatch' });
    // What an honest host says after it is kept, and nothing of the other.
    expect(await send('POST', paths.heartbeat, json(life()))).toMatchObject({ status: 204 });
    const presence = house.source.getRepository(hostPresence);
    await eventually(async () => (await presence.count()) > 0, 'the honest heartbeat', PATIENCE_MS);
    expect((await presence.find()).map((row) => row.host)).toEqual([host.host]);
  });

  it.each<[string, string, () => RequestInit]>([
    ['a hello without its outbox', paths.hello, () => json({ ...hello(), epoch: undefined })],
    ['a hello that is a list', paths.hello, () => json([])],
    ['a heartbeat with a year of nobody', paths.heartbeat, () => json(life({ at: '0000-01-01T00:00:00Z' }))],
    [
      'a heartbeat of too many collectors',
      paths.heartbeat,
      () => json(life({ collectors: Array(500).fill({}) })),
    ],
    ['an answer to another task', paths.acceptance('t1'), () => json({ taskId: 't2', status: 'accepted' })],
    ['an answer that is none', paths.acceptance('t1'), () => json({ taskId: 't1', status: 'perhaps' })],
    ['a task that is a subject', paths.acceptance('a.b'), () => json({ taskId: 'a.b', status: 'accepted' })],
    ['a result without number', paths.results, () => message('', attempt(1))],
    ['a result numbered 0', paths.results, () => message(0, attempt(1))],
    ['a result with half a number', paths.results, () => message('1.5', attempt(1))],
    ['a number beyond all integers', paths.results, () => message('9007199254740993', attempt(1))],
    ['an outbox that is a subject', paths.results, () => message(1, attempt(1), 'e.>')],
    ['a result that is no JSON', paths.results, () => message(1, 'no JSON')],
    ['a result of no kind', paths.results, () => message(1, { at })],
    ['a kind that is a subject', paths.results, () => message(1, attempt(1, { kind: 'attempt.>' }))],
    ['a result nested without end', paths.results, () => message(1, '['.repeat(100_000))],
    ['no body', paths.results, () => message(1, '')],
    [
      'a window of an experiment that is a subject',
      paths.metrics,
      () => message(1, 'w', 'e1', { 'Phx-Experiment': 'a.b' }),
    ],
    ['a window without outbox', paths.metrics, () => message(1, 'w', '')],
  ])('refuses %s', async (_what, path, init) => {
    const before = [await storedOf(host), (await messagesOf(house, 'METRICS', host.host)).length];
    expect(await send('POST', path, init())).toMatchObject({ status: 422, code: 'invalid-message' });
    expect([await storedOf(host), (await messagesOf(house, 'METRICS', host.host)).length]).toEqual(before);
  });

  it.each(['-1', '31', '1.5', 'long'])('refuses to wait %s seconds', async (wait) => {
    const answer = await send('GET', `${paths.tasks}?wait=${wait}`);
    expect(answer).toMatchObject({ status: 422, code: 'invalid-message' });
  });

  it('refuses text that is no JSON where JSON belongs, and other media types', async () => {
    expect(await send('POST', paths.hello, json('{"host"'))).toMatchObject({ status: 400 });
    const asXml = { headers: { 'content-type': 'application/xml' }, body: '<hello/>' };
    expect(await send('POST', paths.hello, asXml)).toMatchObject({ status: 415 });
    const asJson = { ...message(1, attempt(1)), headers: { 'content-type': 'application/json' } };
    expect(await send('POST', paths.results, asJson)).toMatchObject({ status: 422 });
  });

  it.each([
    ['hello', paths.hello, MAX_LIFE_SIGN_BYTES],
    ['heartbeat', paths.heartbeat, MAX_LIFE_SIGN_BYTES],
    ['answer', paths.acceptance('t1'), MAX_LIFE_SIGN_BYTES],
    ['result', paths.results, MAX_UPLINK_BYTES.results],
    ['window', paths.metrics, MAX_UPLINK_BYTES.metrics],
  ])('refuses a %s that is too large', async (_what, path, limit) => {
    const large = 'x'.repeat(limit + 1);
    const isLane = path === paths.results || path === paths.metrics;
    const init = isLane ? message(1, large) : json({ large });
    expect(await send('POST', path, init)).toMatchObject({ status: 413, code: 'body-too-large' });
  });

  it('takes the largest window that a host may send', async () => {
    const body = 'x'.repeat(MAX_UPLINK_BYTES.metrics);
    expect(await send('POST', paths.metrics, message(1, body))).toMatchObject({ status: 200 });
    const [kept] = await messagesOf(house, 'METRICS', host.host);
    expect(kept?.data).toHaveLength(body.length);
  });

  it('counts a number once per outbox, also when an older outbox speaks up again', async () => {
    const stages = async () =>
      (await house.source.getRepository(hostAttempt).findBy({ host: host.host as never }))
        .map(({ generation, stage }) => `${generation} ${stage}`)
        .sort();
    const mark = async (epoch: string) =>
      (await house.source.getRepository(uplinkCursor).findOneBy({ host: host.host as never, epoch }))?.n;
    for (const [n, generation] of [
      [1, 1],
      [2, 2],
    ] as const)
      expect((await send('POST', paths.results, message(n, attempt(generation)))).status).toBe(200);
    expect((await send('POST', paths.results, message(1, attempt(3), 'e2'))).status).toBe(200);
    // A repeat of the older outbox, with other words.
    expect((await send('POST', paths.results, message(2, attempt(9), 'e1'))).status).toBe(200);
    expect((await send('POST', paths.results, message(2, attempt(4), 'e2'))).status).toBe(200);
    await eventually(async () => (await mark('e2')) === 2, 'the last to be taken', PATIENCE_MS);
    expect(await stages()).toEqual(['1 received', '2 received', '3 received', '4 received']);
    expect(await mark('e1')).toBe(2);
  });

  it('goes on after a kind that no gateway knows yet', async () => {
    expect((await send('POST', paths.results, message(3, { kind: 'dance' }, 'e2'))).status).toBe(200);
    expect((await send('POST', paths.results, message(4, attempt(5), 'e2'))).status).toBe(200);
    const next = { host: host.host as never, generation: 5 };
    await eventually(
      async () => (await house.source.getRepository(hostAttempt).countBy(next)) === 1,
      'what follows',
      PATIENCE_MS,
    );
  });

  it('gives one poll at a time to a host, and nothing of another’s', async () => {
    const first = send('GET', `${paths.tasks}?wait=30`);
    const foreign = send('GET', `${paths.tasks}?wait=30`, { credential: other.httpCredential });
    const order = { kind: 'CancelTask', taskId: 'cancel-t1', cancels: 't1' };
    let isAnswered = false;
    void first.then(() => (isAnswered = true));
    // Repeated, as offers are, until a poll takes it: polls begin when they like.
    const answers = await eventuallyTaken(async () => {
      house.services.send(
        `down.${tenant}.${host.host}.task`,
        new TextEncoder().encode(JSON.stringify(order)),
      );
      await house.services.flush();
      return isAnswered;
    }, first);
    expect(answers).toMatchObject({ status: 200, type: 'application/json' });
    const [earlier, later] = [send('GET', `${paths.tasks}?wait=30`), send('GET', `${paths.tasks}?wait=1`)];
    expect([200, 204]).toContain((await later).status);
    expect([200, 204]).toContain((await earlier).status);
    // The other's poll still waits; its own next one ends it.
    expect((await send('GET', `${paths.tasks}?wait=0`, { credential: other.httpCredential })).status).toBe(
      204,
    );
    expect((await foreign).status).toBe(204);
  });

  it('replaces a credential when the host enrols again', async () => {
    const old = other.httpCredential;
    other = await house.enrolled('web-2');
    expect((await send('GET', `${paths.tasks}?wait=0`, { credential: old })).status).toBe(401);
    expect((await send('GET', `${paths.tasks}?wait=0`, { credential: other.httpCredential })).status).toBe(
      204,
    );
  });

  it('shuts a revoked host out, also from a poll that it had begun, and nobody else', async () => {
    const waiting = send('GET', `${paths.tasks}?wait=30`, { credential: other.httpCredential });
    await new CommandHandler(new JetStreamEventStore(house.services), systemClock).handle(
      hostDecider,
      { tenant, aggregate: 'host', id: other.host as AggregateId },
      { type: 'RevokeHost', at: systemClock.iso(), reason: 'stolen' },
      { commandId: commandIdFrom(randomUUID()), actor: { kind: 'user', id: 'u1' } },
    );
    const refused = { status: 403, code: 'host-revoked' };
    const says = json(hello({ host: other.host }));
    const said = () => send('POST', paths.hello, { credential: other.httpCredential, ...says });
    await eventually(async () => (await said()).status === 403, 'the door to be shut', PATIENCE_MS);
    house.services.send(`down.${tenant}.${other.host}.task`, new TextEncoder().encode('{"taskId":"t9"}'));
    expect(await waiting).toMatchObject(refused);
    for (const [path, init] of [
      [paths.hello, json(hello({ host: other.host }))],
      [paths.heartbeat, json(life({ host: other.host }))],
      [paths.results, message(1, attempt(1))],
      [paths.metrics, message(1, 'window')],
    ] as const)
      expect(await send('POST', path, { credential: other.httpCredential, ...init })).toMatchObject(refused);
    expect(await storedOf(other)).toBe(0);
    expect((await send('GET', `${paths.tasks}?wait=0`)).status).toBe(204);
  });
});

/** Repeats `act` until it says so, then waits for the outcome. */
async function eventuallyTaken<T>(act: () => Promise<boolean>, outcome: Promise<T>): Promise<T> {
  await eventually(act, 'the poll to be answered', PATIENCE_MS);
  return outcome;
}
