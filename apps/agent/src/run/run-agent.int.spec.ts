import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import {
  heartbeatSchema,
  helloSchema,
  type CollectorOrder,
  type DownTask,
  type Hello,
} from '#lib/agent-protocol';
import type { WindowMessage } from '#lib/metering';
import { AGENT_VERSION } from '../version.js';
import { applyOrder, AgentHouse, collectorOrder, HOST, until } from '../testing/agent-house.js';

const baseline = collectorOrder('baseline', 'baseline');
const candidate = collectorOrder('candidate', 'topk', {
  // A set that seldom changes while the test looks at it.
  parameters: { k: 3, marginPercent: 100, minSecondsBetweenSwaps: 3600 },
  critical: ['node'],
});

const LATER = '2999-01-01T00:00:00.000Z';

/** Both variants, each with its use of the machine. */
function isComplete({ collectors }: WindowMessage): boolean {
  const variants = new Set(collectors.map(({ variant }) => variant));
  return variants.size === 2 && collectors.every(({ use }) => use !== null);
}

function hashes(orders: readonly CollectorOrder[]) {
  return orders.map(({ configHash, variant }) => ({ variant, configHash }));
}

describe('an agent with real collectors, a leaf and a hub', () => {
  let house: AgentHouse;
  let hello: Promise<Hello>;

  beforeAll(async () => {
    house = await AgentHouse.open();
    hello = house.nextHello();
    await house.startAgent();
  });

  afterAll(() => house.close());

  it('exchanges no credential that it could not try: its leaf knows it by a password', async () => {
    expect(await house.handOver({ kind: 'RotateCredential', taskId: 'rotate-1' })).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('password') as string,
    });
  });

  it('takes an order through its stages and meters both variants in one window', async () => {
    expect(await house.handOver(applyOrder(1, [baseline, candidate]))).toEqual({
      taskId: 'g1-test',
      status: 'accepted',
    });
    const effective = await house.reached(1, 'effective');
    const stages = (await house.attempts(1)).map(({ stage }) => stage);

    expect(stages).toEqual(['received', 'validated', 'applying', 'effective']);
    expect(effective.collectors).toEqual(hashes([baseline, candidate]));

    const window = await until(async () => (await house.windows()).find(isComplete));
    const full = window.collectors.find(({ variant }) => variant === 'baseline');
    const reduced = window.collectors.find(({ variant }) => variant === 'candidate');
    if (full === undefined || reduced === undefined) throw new Error('the window has lost a variant');
    expect(window.host).toBe(HOST);
    expect(reduced.activeSeries.value).toBeGreaterThan(0);
    expect(reduced.activeSeries.value).toBeLessThan(full.activeSeries.value);
    expect(reduced.executables.map(({ name }) => name)).toContain('node');
    expect(full.hostPoints).toBe(full.points);
    expect(full.use).toMatchObject({ refused: 0, failed: 0 });
    expect(full.use?.rssBytes).toBeGreaterThan(1_000_000);
  });

  it('numbers what it sends and says to which experiment a window belongs', async () => {
    const [window] = await house.stored('METRICS');
    expect(window?.header('Phx-Experiment')).toBe('e1');
    expect(window?.header('Phx-Lane')).toBe('metrics');
    const numbers = (await house.stored('UPLINK')).map(({ header }) => Number(header('Phx-N')));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('says at hello what this machine is made of and which collector it would run', async () => {
    const told = await hello;
    expect(helloSchema.parse(told)).toEqual(told);
    const version = execFileSync(house.otelcol, ['--version'], { encoding: 'utf8' });
    expect(told.inventory).toEqual({
      ...{ os: platform(), kernel: release(), arch: arch(), cpus: cpus().length, memoryBytes: totalmem() },
      collector: {
        kind: 'otelcol',
        version: expect.any(String) as string,
        offers: expect.objectContaining({ providers: ['env', 'file'] }) as object,
      },
    });
    const { offers, version: toldVersion } = told.inventory!.collector;
    expect(version).toContain(toldVersion);
    expect(offers?.receivers).toMatchObject({ hostmetrics: `v${toldVersion}`, otlp: `v${toldVersion}` });
    expect(told.agentVersion).toBe(AGENT_VERSION);
  });

  it('tells by which door it comes, through which server and how far that is', async () => {
    const heartbeat = await until(async () => {
      const next = await house.nextHeartbeat();
      return next.link?.rttMs === undefined ? undefined : next;
    });
    expect(heartbeatSchema.parse(heartbeat)).toEqual(heartbeat);
    expect(heartbeat.link).toEqual({
      door: 'leaf',
      server: expect.stringMatching(/./) as string,
      rttMs: expect.any(Number) as number,
    });
    expect(heartbeat.outbox).toMatchObject({ dropped: 0 });
    expect(heartbeat.outbox).not.toHaveProperty('failure');
  });

  it('tells its own cost and its collectors in heartbeats', async () => {
    const heartbeat = await house.nextHeartbeat();
    expect(heartbeat).toMatchObject({ host: HOST, generation: 1 });
    expect(heartbeat.agent.rssBytes).toBeGreaterThan(10_000_000);
    expect(heartbeat.collectors.map(({ state, variant }) => `${variant} ${state}`)).toEqual(
      expect.arrayContaining(['baseline running', 'candidate running']),
    );
  });

  it('knows a task again and supersedes an older one', async () => {
    expect(await house.handOver(applyOrder(1, [baseline, candidate]))).toMatchObject({ status: 'duplicate' });
    expect(await house.handOver({ ...applyOrder(1, [baseline]), taskId: 'g1-other' })).toMatchObject({
      status: 'superseded',
    });
  });

  it('answers a log task with the end of the log', async () => {
    const task = { kind: 'CollectLogs', taskId: 'task-1', deadline: LATER, variant: 'baseline', lines: 5 };
    expect(await house.handOver(task as DownTask)).toMatchObject({ status: 'accepted' });
    const { outcome, detail } = await house.result('task-1');
    expect(outcome).toBe('done');
    expect(detail.split('\n')).toHaveLength(5);
    expect(await house.handOver(task as DownTask)).toMatchObject({ status: 'duplicate' });
  });

  it('restarts a collector beside the old one, without a hole in what it meters', async () => {
    // The candidate's may change at any time, with its set.
    const baselines = () => [...house.collectors().keys()].filter((name) => name.startsWith('baseline-'));
    const before = baselines();
    const task = { kind: 'RestartCollector', taskId: 'task-2', deadline: LATER, variant: 'baseline' };
    await house.handOver(task as DownTask);
    expect(await house.result('task-2')).toMatchObject({ outcome: 'done' });
    const after = baselines();
    expect([before.length, after.length]).toEqual([1, 1]);
    expect(after).not.toEqual(before);
    const progress = (await house.uplink()).filter((message) => message.kind === 'task-progress');
    expect(progress.map(({ taskId }) => taskId)).toEqual(['task-1', 'task-2']);
    const [fresh] = after;
    const window = await until(async () =>
      (await house.windows()).find(({ collectors }) => collectors.some(({ instance }) => instance === fresh)),
    );
    const starts = (await house.windows()).map(({ start }) => start).filter((start) => start <= window.start);
    const steps = starts.slice(1).map((start, i) => start - starts[i]!);
    expect(new Set(steps)).toEqual(new Set([10_000]));
  });

  it('takes back a task before it has come', async () => {
    await house.handOver({ kind: 'CancelTask', taskId: 'cancel-task-3', cancels: 'task-3' });
    expect(await house.result('task-3')).toMatchObject({ outcome: 'cancelled' });
    const task = { kind: 'RestartCollector', taskId: 'task-3', deadline: LATER, variant: 'candidate' };
    expect(await house.handOver(task as DownTask)).toMatchObject({ status: 'duplicate' });
  });
});
