import { hostAttempt, hostHello, hostPresence, hostView } from '#lib/database';
import { subjects, type HostId } from '#lib/events';
import { systemClock } from '#lib/platform';
import type { HostDebug } from '../../shared/views/host-debug.view.js';
import { attemptRow, hostRow, presenceRow } from '../../testing/rows.js';
import { startCommandApi, tenant, type RunningApi } from '../../testing/running-api.js';

const inMs = (ms: number): string => new Date(systemClock.now() + ms).toISOString();
/** So fresh that it stays fresh, however slow this machine is. */
const FRESH = inMs(3_600_000);
const STALE = inMs(-3_600_000);

describe('why a host does not do well, over HTTP', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startCommandApi();
  });
  afterAll(() => api.stop());

  const want = (host: string, body: object) =>
    api.nats.publisher.publish(
      subjects.want(tenant, host as HostId),
      new TextEncoder().encode(JSON.stringify(body)),
    );
  const debug = async (host: string): Promise<HostDebug> => {
    const answer = await api.call('GET', `/api/v1/fleet/hosts/${host}/debug`, { as: 'viewer' });
    expect(answer.status).toBe(200);
    return answer.body as unknown as HostDebug;
  };
  const statuses = ({ checks }: HostDebug) =>
    Object.fromEntries(checks.map(({ name, status }) => [name, status]));
  const check = ({ checks }: HostDebug, name: string) => checks.find((one) => one.name === name);
  const helloRow = (host: string) => ({
    ...{ tenant, host: host as HostId, at: STALE, bootId: 'boot-1', epoch: 'e1' },
    ...{ protocol: 1, agentVersion: '0.1.0', generation: 1 },
  });
  /** A host that is online, said hello, and runs generation 1 as it was told. */
  const givenHost = async (host: string, vitals: Parameters<typeof presenceRow>[1] = {}) => {
    await api.given(hostView, [hostRow(host, { generation: 1 })]);
    const fresh = { lastHeartbeatAt: FRESH, sentAt: FRESH, generation: 1 };
    await api.given(hostPresence, [presenceRow(host, { ...fresh, ...vitals })]);
    await api.given(hostHello, [helloRow(host)]);
    await api.given(hostAttempt, [attemptRow(host)]);
    await want(host, { generation: 1 });
  };
  const allOk = {
    ...{ link: 'ok', heartbeat: 'ok', hello: 'ok', leaf: 'ok', clock: 'ok' },
    ...{ 'outbox results': 'ok', 'outbox metrics': 'ok', dropped: 'ok', 'last refusal': 'ok' },
    ...{ generation: 'ok', 'pushed data': 'ok' },
  };

  it('finds nothing to do at a host that does well, and tells the numbers', async () => {
    await givenHost('well');
    const answer = await debug('well');
    expect(statuses(answer)).toEqual(allOk);
    expect(answer.checks.map(({ fix }) => fix)).toEqual(answer.checks.map(() => null));
    expect(check(answer, 'leaf')?.detail).toBe('leaf-1, 1 ms there and back');
    expect(answer.figures).toEqual({
      ...{ heartbeatAgeMs: 0, clockSkewMs: 0, rttMs: 1, outboxResults: 0, outboxMetrics: 2, dropped: 0 },
      ...{ desiredGeneration: 1, acceptedGeneration: 1, effectiveGeneration: 1 },
    });
  });

  it('tells the newest order that failed, why, and that the host does not run what it should', async () => {
    await givenHost('failed');
    const failed = { generation: 2, stage: 'failed', at: STALE, reason: 'port 4317 in use' } as const;
    await api.given(hostAttempt, [attemptRow('failed', { ...failed, detectedAt: STALE })]);
    await want('failed', { generation: 2 });
    const answer = await debug('failed');
    expect(statuses(answer)).toEqual({ ...allOk, 'last refusal': 'bad', generation: 'bad' });
    expect(check(answer, 'last refusal')?.detail).toBe(`generation 2 failed at ${STALE}: port 4317 in use`);
    expect(check(answer, 'generation')?.detail).toBe('desired 2, effective 1, refused');
  });

  it('holds a failure for old news once a later order took effect', async () => {
    await givenHost('recovered');
    await api.given(hostAttempt, [
      attemptRow('recovered', { generation: 2, stage: 'fell-back', at: STALE, reason: 'exit loop' }),
      attemptRow('recovered', { generation: 3, at: STALE }),
    ]);
    await want('recovered', { generation: 3 });
    const answer = await debug('recovered');
    expect(statuses(answer)).toEqual(allOk);
    expect(check(answer, 'last refusal')?.detail).toMatch(/generation 2 fell-back .*3 took effect since/);
  });

  it('says of an order on its way where it is', async () => {
    await givenHost('busy', { generation: 2 });
    const step = { generation: 2, stage: 'applying', at: STALE } as const;
    await api.given(hostAttempt, [attemptRow('busy', step)]);
    await want('busy', { generation: 2 });
    const found = check(await debug('busy'), 'generation');
    expect(found).toMatchObject({
      status: 'warn',
      detail: 'desired 2, effective 1, generation 2 is applying',
    });
    expect(found?.fix).toMatch(/The agent has it/);
  });

  it('makes nothing up of a host that was never heard of', async () => {
    await api.given(hostView, [hostRow('new', { status: 'enrolled' })]);
    const answer = await debug('new');
    const { link, ...rest } = statuses(answer);
    expect(link).toBe('bad');
    expect(new Set(Object.values(rest))).toEqual(new Set(['no-data']));
    expect(new Set(Object.values(answer.figures))).toEqual(new Set([null]));
    for (const { fix } of answer.checks) expect(fix).toMatch(/^[A-Z].*[.?]$/);
  });

  it('makes nothing up of an agent that does not tell', async () => {
    const silent = {
      sentAt: null,
      outboxDropped: null,
      door: null,
      linkServer: null,
      linkRttMs: null,
      ingress: null,
    };
    await givenHost('old', silent);
    const answer = await debug('old');
    const nothing = { leaf: 'no-data', clock: 'no-data', dropped: 'no-data', 'pushed data': 'no-data' };
    expect(statuses(answer)).toEqual({ ...allOk, ...nothing });
    expect(answer.figures).toMatchObject({ clockSkewMs: null, rttMs: null, dropped: null });
  });

  const port = {
    ...{ port: 4318, isWanted: true, isOpen: true, forwarded: 9, accepted: 9, unavailable: 1 },
    ...{ copies: 9, dropped: 0 },
  };
  it.each([
    ['ok', port, '9 requests taken, 1 told to come again, 0 of 9 copies'],
    ['ok', { ...port, isWanted: false, isOpen: false, dropped: 9 }, 'no pipeline takes pushed data'],
    ['warn', { ...port, dropped: 2 }, '2 of 9 copies for shadows lost'],
    ['bad', { ...port, isOpen: false }, 'port 4318 not open'],
    ['bad', { ...port, grpc: { port: 4317, isOpen: false } }, 'port 4318 open, for gRPC 4317 not open'],
    ['bad', { ...port, forwarded: 0, accepted: 0, copies: 0 }, '0 requests taken, 1 told to come again'],
  ])('is %s about pushed data of %j', async (status, told, detail) => {
    await givenHost('pushed', { ingress: [told] });
    const answer = await debug('pushed');
    expect(check(answer, 'pushed data')).toMatchObject({
      status,
      detail: expect.stringContaining(detail) as unknown,
    });
  });

  it.each([
    ['ahead', 2_001, 'warn', '2001 ms ahead of the gateway'],
    ['behind', -45_000, 'bad', '45000 ms behind the gateway'],
    ['near', -2_000, 'ok', '2000 ms behind the gateway'],
  ])('tells a clock that is %s', async (host, skew, status, words) => {
    await givenHost(host, { sentAt: new Date(Date.parse(FRESH) + skew).toISOString() });
    const answer = await debug(host);
    expect(answer.figures.clockSkewMs).toBe(skew);
    expect(check(answer, 'clock')).toMatchObject({ status, detail: `${words} at the last heartbeat` });
  });

  it('tells a host that fell silent, by how long', async () => {
    await givenHost('silent', { lastHeartbeatAt: STALE, sentAt: STALE });
    await api.given(hostView, [hostRow('silent', { status: 'offline', generation: 1 })]);
    const answer = await debug('silent');
    expect(statuses(answer)).toEqual({ ...allOk, link: 'bad', heartbeat: 'bad' });
    expect(answer.figures.heartbeatAgeMs).toBeGreaterThanOrEqual(3_600_000);
    await api.given(hostView, [hostRow('silent', { status: 'suspect', generation: 1 })]);
    expect(statuses(await debug('silent'))).toMatchObject({ link: 'warn' });
  });

  it('tells an outbox that fills, drops or has no disk, and two agents that share a name', async () => {
    await givenHost('full', { outboxResults: 6_000, outboxMetrics: 400, outboxDropped: 7, bootId: 'boot-2' });
    expect(statuses(await debug('full'))).toEqual({
      ...allOk,
      ...{ 'outbox results': 'bad', 'outbox metrics': 'warn', dropped: 'warn', hello: 'warn' },
    });
    await givenHost('broken', { outboxFailure: 'ENOSPC' });
    const broken = check(await debug('broken'), 'outbox results');
    expect(broken).toMatchObject({ status: 'bad', detail: 'the disk takes no more: ENOSPC' });
  });

  it('says so when the desired state cannot be read', async () => {
    await givenHost('odd');
    await want('odd', { generation: 'many' });
    expect(check(await debug('odd'), 'generation')).toMatchObject({ status: 'no-data' });
  });

  it('knows no host of another tenant, and none that does not exist', async () => {
    await givenHost('ours');
    for (const [path, of] of [
      ['none', tenant],
      ['ours', 'other'],
    ] as const) {
      const answer = await api.call('GET', `/api/v1/fleet/hosts/${path}/debug`, { tenant: of });
      expect([answer.status, answer.body['code']]).toEqual([404, 'host-not-found']);
    }
  });
});
