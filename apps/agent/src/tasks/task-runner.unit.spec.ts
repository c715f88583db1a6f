import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, TaskJournal } from '#lib/agent-core';
import type { CollectLogs, OneShotTask, RestartCollector, UplinkMessage } from '#lib/agent-protocol';
import type { Collector } from '../collectors/collector.js';
import { TaskRunner } from './task-runner.js';

const future = '2999-01-01T00:00:00.000Z';
const logs = (taskId: string, deadline = future): CollectLogs => ({
  ...{ kind: 'CollectLogs', taskId, deadline, variant: 'baseline', lines: 2 },
});
const restart = (taskId: string, deadline = future): RestartCollector => ({
  ...{ kind: 'RestartCollector', taskId, deadline, variant: 'candidate' },
});
const preflight = (taskId: string): OneShotTask => ({
  ...{ kind: 'Preflight', taskId, deadline: future, seconds: 10, criticalProcesses: [] },
  collectors: [{ variant: 'baseline', configHash: 'none', rendered: {} }],
});
const cancel = (cancels: string) => ({ kind: 'CancelTask', taskId: `cancel-${cancels}`, cancels }) as const;

const baseline = {
  spec: { variant: 'baseline' },
  logTail: (lines: number) => Promise.resolve(['a', 'b', 'c'].slice(-lines)),
  tidy: () => Promise.resolve(),
} as unknown as Collector;

/** An agent's task side on a real journal; restarts last until the test lets them end. */
class Bench {
  readonly told: UplinkMessage[] = [];
  readonly restarts: { end(): void; readonly signal: AbortSignal }[] = [];
  /** The agent dies as soon as a result is in the outbox. */
  diesOfResults = false;
  private stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  journal!: TaskJournal;
  runner!: TaskRunner;

  constructor(private readonly folder: string) {}

  async start(): Promise<void> {
    this.journal = await TaskJournal.open(this.folder);
    this.runner = new TaskRunner({
      journal: this.journal,
      identity: { tenant: 'acme', host: 'h1' },
      fleet: { running: () => [baseline] },
      reconciler: { restart: (_variant, signal) => this.restart(signal) },
      sandboxes: {
        open: () => Promise.reject(new Error('no sandbox on this bench')),
        clear: () => Promise.resolve(),
      },
      simulation: { folder: this.folder },
      tell: (message) => {
        this.told.push(message);
        const dies = this.diesOfResults && message.kind === 'task-result';
        return dies ? Promise.reject(new Error('killed')) : Promise.resolve();
      },
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined },
    });
    this.stopping = new AbortController();
    this.running = this.runner.run(this.stopping.signal);
  }

  /** Ends the agent without a word, as a kill does: what is on disk is all that is left. */
  async kill(): Promise<void> {
    this.stopping.abort();
    for (const { end } of this.restarts) end();
    await this.running;
  }

  async give(task: OneShotTask | ReturnType<typeof cancel>): Promise<string> {
    const { status } = await this.journal.accept(task);
    if (status === 'accepted') this.runner.arrived(task);
    return status;
  }

  results(): readonly string[] {
    return this.told.flatMap((message) =>
      message.kind === 'task-result' ? [`${message.taskId} ${message.outcome}`] : [],
    );
  }

  private restart(signal: AbortSignal): Promise<Collector> {
    return new Promise((resolve, reject) => {
      const end = (): void => resolve({ instance: 'c2', pid: 42 } as unknown as Collector);
      this.restarts.push({ end, signal });
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

describe('the task runner', () => {
  let folder: string;
  let bench: Bench;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phoenix-tasks-'));
    bench = new Bench(folder);
    await bench.start();
  });
  afterEach(async () => {
    await bench.kill();
    await rm(folder, { recursive: true });
  });
  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await systemClock.sleep(5);
  };

  it('does tasks in order, says when it begins and what came of it', async () => {
    await bench.give(logs('t1'));
    await bench.give(logs('t2'));
    await until(() => bench.results().length === 2);
    expect(bench.told.map(({ kind }) => kind)).toEqual([
      'task-progress',
      'task-result',
      'task-progress',
      'task-result',
    ]);
    expect(bench.told[1]).toMatchObject({ taskId: 't1', outcome: 'done', detail: 'b\nc' });
    await until(() => bench.journal.openTasks.length === 0);
    expect(await bench.give(logs('t1'))).toBe('duplicate');
  });

  it('says why a task failed', async () => {
    await bench.give({ ...logs('t1'), variant: 'candidate' });
    await until(() => bench.results().length === 1);
    expect(bench.told.at(-1)).toMatchObject({ outcome: 'failed', detail: 'no candidate runs here' });
  });

  it('lets a task expire, before it begins and while it is being done', async () => {
    await bench.give(logs('t1', '2020-01-01T00:00:00.000Z'));
    await bench.give(restart('t2', new Date(Date.now() + 50).toISOString()));
    await until(() => bench.results().length === 2);
    expect(bench.results()).toEqual(['t1 expired', 't2 expired']);
  });

  it('breaks off what is being done, and never begins what was taken back before', async () => {
    await bench.give(restart('t1'));
    await until(() => bench.restarts.length === 1);
    await bench.give(restart('t2'));
    await bench.give(cancel('t2'));
    await bench.give(cancel('t1'));
    await until(() => bench.results().length === 2);
    expect([...bench.results()].sort()).toEqual(['t1 cancelled', 't2 cancelled']);
    expect(bench.restarts).toHaveLength(1);
  });

  it('does not let what takes long hold up a look at a log', async () => {
    await bench.give(restart('t1'));
    await bench.give(preflight('t2'));
    await until(() => bench.results().length === 1);
    expect(bench.told.at(-1)).toMatchObject({ taskId: 't2', detail: 'no sandbox on this bench' });
    expect(bench.restarts).toHaveLength(1);
  });

  it('takes a task back that has not arrived yet, once and for all', async () => {
    await bench.give(cancel('t9'));
    await until(() => bench.results().length === 1);
    expect(await bench.give(restart('t9'))).toBe('duplicate');
    expect(await bench.give(cancel('t9'))).toBe('duplicate');
    expect(bench.results()).toEqual(['t9 cancelled']);
  });

  it('reports what was done although it should have been broken off', async () => {
    await bench.give(restart('t1'));
    await until(() => bench.restarts.length === 1);
    bench.restarts[0]!.end();
    await bench.give(cancel('t1'));
    await until(() => bench.results().length === 1);
    expect(bench.results()).toEqual(['t1 done']);
  });

  it('does not restart a second time after a kill, and reads a log again', async () => {
    await bench.give(restart('t1'));
    await until(() => bench.restarts.length === 1);
    await bench.give(logs('t2'));
    await bench.kill();
    expect(bench.results()).toEqual([]);
    await bench.start();
    await until(() => bench.results().length === 2);
    expect(bench.results()).toEqual(['t1 failed', 't2 done']);
    expect(bench.restarts).toHaveLength(1);
  });

  it('tells the same result again when it was killed before it could forget the task', async () => {
    bench.diesOfResults = true;
    await bench.give(restart('t1'));
    await until(() => bench.restarts.length === 1);
    bench.restarts[0]!.end();
    await until(() => bench.results().length === 1);
    await bench.kill();
    bench.diesOfResults = false;
    await (await TaskJournal.open(folder)).accept(cancel('t1'));
    await bench.start();
    await until(() => bench.journal.openTasks.length === 0);
    expect(new Set(bench.results())).toEqual(new Set(['t1 done']));
    const [first, ...again] = bench.told.filter(({ kind }) => kind === 'task-result');
    expect(again.length).toBeGreaterThan(0);
    for (const result of again) expect(result).toEqual(first);
  });

  it('carries out a cancellation that it had only written down', async () => {
    await bench.give(restart('t1'));
    await until(() => bench.restarts.length === 1);
    await bench.give(restart('t2'));
    await bench.kill();
    await (await TaskJournal.open(folder)).accept(cancel('t2'));
    await bench.start();
    await until(() => bench.results().length === 2);
    expect([...bench.results()].sort()).toEqual(['t1 failed', 't2 cancelled']);
    await until(() => bench.journal.openTasks.length === 0);
  });
});
