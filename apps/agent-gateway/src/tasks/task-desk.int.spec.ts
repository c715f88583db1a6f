import type { DownTask } from '#lib/agent-protocol';
import { createDataSource, stagesOf, TaskStore, type PlacedTaskMessage, type TaskHost } from '#lib/database';
import { subjects, type AggregateId, type HostId, type TenantId } from '#lib/events';
import { systemClock, type StoredMessage } from '#lib/platform';
import { startTestParts, type TestParts } from '#tools/embedded';
import { TaskDesk } from './task-desk.js';
import { TaskIngest } from './task-ingest.js';

const tenant = 'acme' as TenantId;
const host = 'h1' as HostId;
const by = { kind: 'user', id: 'u1' } as const;
const at = '2026-01-01T00:00:00.000Z';
const far = '2999-01-01T00:00:00.000Z';

/** A store in which somebody takes a task back just after the desk has read what waits. */
class Interrupted extends TaskStore {
  interrupt: (() => Promise<void>) | undefined;

  override async waitingFor(hosts: readonly TaskHost[]) {
    const waiting = await super.waitingFor(hosts);
    await this.interrupt?.();
    return waiting;
  }
}

describe('the desk for tasks', () => {
  let parts: TestParts<{ postgres: true }>;
  let source: ReturnType<typeof createDataSource>;
  let records: Interrupted;
  let desk: TaskDesk;
  let orders = Promise.resolve(true);
  const offered: DownTask[] = [];

  beforeAll(async () => {
    parts = await startTestParts({ postgres: true });
    source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
    await source.synchronize();
    records = new Interrupted(source, () => systemClock.iso());
    desk = new TaskDesk({
      ...{ records, clock: systemClock, isOnline: () => true, ordersDone: () => orders },
      hasAnswered: () => true,
      offer: (_tenant, _host, task) => {
        offered.push(task);
        return Promise.resolve({ taskId: task.taskId, status: 'accepted' });
      },
    });
  });
  afterAll(async () => {
    await source.destroy();
    await parts.stop();
  });

  const placed = (sequence: number, message: PlacedTaskMessage['message']): PlacedTaskMessage => ({
    ...{ tenant, host, sequence, message },
  });
  const ask = (taskId: string, sequence: number) => {
    const task = { kind: 'RestartCollector', taskId, deadline: far, variant: 'baseline' } as const;
    return records.take([placed(sequence, { op: 'request', at, by, task })], sequence);
  };
  const takeBack = (taskId: string, sequence: number) => {
    const cancel = { op: 'cancel', at, by, taskId: taskId as AggregateId, reason: 'not needed' } as const;
    return records.take([placed(sequence, cancel)], sequence);
  };
  const stages = async (id: string) =>
    (await stagesOf(source, tenant, id as AggregateId)).map(({ stage }) => stage);

  it('does not send what was taken back after it had been read', async () => {
    await ask('t1', 1);
    records.interrupt = async () => {
      await takeBack('t1', 2);
    };
    await desk.arrived({ tenant, host });
    expect(offered).toEqual([]);
    expect(await stages('t1')).toEqual(['requested', 'cancel-requested', 'cancelled']);
  });

  it('sends the next one all the same', async () => {
    records.interrupt = undefined;
    await ask('t2', 3);
    await desk.arrived({ tenant, host });
    expect(offered.map(({ taskId }) => taskId)).toEqual(['t2']);
    expect(await stages('t2')).toEqual(['requested', 'offered', 'accepted']);
  });

  describe('told of a request as it is taken', () => {
    const stored = (sequence: number, message: PlacedTaskMessage['message']): StoredMessage => ({
      ...{ subject: subjects.task(tenant, host), sequence, header: () => undefined },
      data: new TextEncoder().encode(JSON.stringify(message)),
    });
    const request = (taskId: string) => {
      const task = { kind: 'RestartCollector', taskId, deadline: far, variant: 'baseline' } as const;
      return { op: 'request', at, by, task } as const;
    };
    const cancel = (taskId: string) =>
      ({ op: 'cancel', at, by, taskId: taskId as AggregateId, reason: 'not needed' }) as const;
    const ingest = () => new TaskIngest({ records, desk, warn: () => undefined });
    let reads: number;

    beforeEach(() => {
      offered.length = 0;
      reads = 0;
      records.interrupt = () => {
        reads += 1;
        return Promise.resolve();
      };
    });

    it('sends it without reading it again', async () => {
      await ingest().take([stored(11, request('t11'))]);
      await desk.whenIdle();
      expect(offered.map(({ taskId }) => taskId)).toEqual(['t11']);
      expect(await stages('t11')).toEqual(['requested', 'offered', 'accepted']);
      expect(reads).toBe(0);
    });

    it('sends what is asked for together one after the other', async () => {
      await ingest().take([stored(12, request('t12')), stored(13, request('t13'))]);
      await desk.whenIdle();
      expect(offered.map(({ taskId }) => taskId)).toEqual(['t12', 't13']);
      expect(await stages('t13')).toEqual(['requested', 'offered', 'accepted']);
    });

    it('does not send what is taken back with it', async () => {
      await ingest().take([stored(14, request('t14')), stored(15, cancel('t14'))]);
      await desk.whenIdle();
      expect(offered).toEqual([]);
      expect(await stages('t14')).toEqual(['requested', 'cancel-requested', 'cancelled']);
    });

    it('sends the wish to take it back alone when that comes while the host is brought to its state', async () => {
      let brought: (isDone: boolean) => void = () => undefined;
      orders = new Promise((resolve) => (brought = resolve));
      await ingest().take([stored(16, request('t16'))]);
      await ingest().take([stored(17, cancel('t16'))]);
      brought(true);
      await desk.whenIdle();
      expect(offered).toEqual([{ kind: 'CancelTask', taskId: 'cancel-t16', cancels: 't16' }]);
      expect(desk.isFree({ tenant, host })).toBe(true);
    });

    it('leaves a task alone that somebody else has taken', async () => {
      await ask('t18', 18);
      await ingest().take([stored(18, request('t18'))]);
      await desk.whenIdle();
      expect(offered.map(({ taskId }) => taskId)).toEqual(['t18']);
      expect(await stages('t18')).toEqual(['requested', 'offered', 'accepted']);
    });
  });
});
