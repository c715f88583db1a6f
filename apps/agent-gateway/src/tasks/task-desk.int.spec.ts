import type { DownTask } from '#lib/agent-protocol';
import { createDataSource, stagesOf, TaskStore, type PlacedTaskMessage, type TaskHost } from '#lib/database';
import type { AggregateId, HostId, TenantId } from '#lib/events';
import { systemClock } from '#lib/platform';
import { startTestParts, type TestParts } from '#tools/embedded';
import { TaskDesk } from './task-desk.js';

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
  const offered: DownTask[] = [];

  beforeAll(async () => {
    parts = await startTestParts({ postgres: true });
    source = await createDataSource(parts.postgres.url, { warn: () => undefined }).initialize();
    await source.synchronize();
    records = new Interrupted(source, () => systemClock.iso());
    desk = new TaskDesk({
      ...{ records, clock: systemClock, isOnline: () => true, ordersDone: () => Promise.resolve(true) },
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
    records.interrupt = () => takeBack('t1', 2);
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
});
