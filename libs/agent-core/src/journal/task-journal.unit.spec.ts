import type { ApplyCollectors, CollectLogs } from '#lib/agent-protocol';
import { MemoryDisk } from '../testing/memory-disk.js';
import { TaskJournal } from './task-journal.js';

function order(generation: number, taskId = `g${generation}-abc`): ApplyCollectors {
  return {
    ...{ kind: 'ApplyCollectors', taskId, generation, experimentId: 'e1', drain: true },
    ...{ criticalProcesses: [], collectors: [] },
  };
}

const logs: CollectLogs = {
  ...{ kind: 'CollectLogs', taskId: 'logs-1', deadline: '2030-01-01T00:00:00.000Z' },
  ...{ variant: 'baseline', lines: 10 },
};

describe('the task journal', () => {
  let disk: MemoryDisk;
  const open = (): Promise<TaskJournal> => TaskJournal.open('/j', disk);

  beforeEach(() => {
    disk = new MemoryDisk();
  });

  it('accepts a task once, knows it again, and supersedes older generations, also after a restart', async () => {
    const journal = await open();
    expect(await journal.accept(order(2))).toEqual({ taskId: 'g2-abc', status: 'accepted' });
    expect(await journal.accept(logs)).toMatchObject({ status: 'accepted' });

    const again = await open();
    expect(await again.accept(order(2))).toMatchObject({ status: 'duplicate' });
    expect(await again.accept(order(1))).toMatchObject({ status: 'superseded' });
    expect(await again.accept(order(2, 'g2-other'))).toMatchObject({ status: 'superseded' });
    expect(await again.accept(logs)).toMatchObject({ status: 'duplicate' });
    expect(again.openTasks).toEqual([logs]);
    expect(again.generation).toBe(2);
  });

  it('never does a finished one-shot task again', async () => {
    const journal = await open();
    await journal.accept(logs);
    await journal.finishTask(logs.taskId);

    const again = await open();
    expect(again.openTasks).toEqual([]);
    expect(await again.accept(logs)).toMatchObject({ status: 'duplicate' });
  });

  it('keeps the newest healthy order and the one before it', async () => {
    const journal = await open();
    for (const generation of [1, 2, 3]) {
      await journal.accept(order(generation));
      await journal.concludeOrder(order(generation), generation === 3 ? 'failed' : 'effective');
    }

    const again = await open();
    expect(again.healthy?.generation).toBe(2);
    expect(again.previousHealthy?.generation).toBe(1);
    expect(again.outcome).toEqual({ taskId: 'g3-abc', stage: 'failed' });
  });

  it('forgets the outcome of an order when a newer one comes', async () => {
    const journal = await open();
    await journal.accept(order(1));
    await journal.concludeOrder(order(1), 'effective');
    await journal.accept(order(2));
    await journal.concludeOrder(order(1), 'fell-back');

    expect(journal.outcome).toBeNull();
  });

  it('rejects with the reason when the disk is full, and has not changed then', async () => {
    const journal = await open();
    await journal.accept(order(1));
    disk.isFull = true;

    expect(await journal.accept(order(2))).toEqual({
      taskId: 'g2-abc',
      status: 'rejected',
      reason: 'journal-unavailable: ENOSPC: no space left on device',
    });
    expect(journal.generation).toBe(1);
  });

  it('has an accepted task after a kill in the middle of the next write', async () => {
    const journal = await open();
    await journal.accept(order(1));
    disk.dieAfter({ afterWrites: 0, share: 0.4 });
    expect(await journal.accept(order(2))).toMatchObject({ status: 'rejected' });
    disk.revive();

    expect((await open()).desired).toEqual(order(1));
  });

  it('takes nothing from a gateway that has lost the host to another, also after a restart', async () => {
    const journal = await open();
    expect(await journal.accept(order(1), 7)).toMatchObject({ status: 'accepted' });
    expect(await journal.accept(order(2), 6)).toEqual({ taskId: 'g2-abc', status: 'fenced' });
    expect(await journal.accept(logs, 8)).toMatchObject({ status: 'accepted' });
    expect(await journal.accept(order(2), 7)).toMatchObject({ status: 'fenced' });
    expect([journal.fences(7), journal.fences(8), journal.fences(undefined)]).toEqual([true, false, false]);
    expect(journal.generation).toBe(1);

    const again = await open();
    expect(await again.accept(order(2), 7)).toMatchObject({ status: 'fenced' });
    expect(await again.accept(order(2), 8)).toMatchObject({ status: 'accepted' });
  });

  it('takes a task from a gateway that has no sessions', async () => {
    const journal = await open();
    await journal.accept(order(1), 7);
    expect(await journal.accept(order(2))).toMatchObject({ status: 'accepted' });
    expect(await journal.accept(order(3), 6)).toMatchObject({ status: 'fenced' });
  });

  it('fences an older gateway by what a newer one has merely repeated', async () => {
    const journal = await open();
    await journal.accept(order(1), 7);
    expect(await journal.accept(order(1), 8)).toMatchObject({ status: 'duplicate' });
    expect(await journal.accept(order(2), 7)).toMatchObject({ status: 'fenced' });
  });

  it('does not start on a file that is none of its own', async () => {
    disk.files.set('/j/tasks.json', Buffer.from('{"desired": 7}'));
    await expect(open()).rejects.toMatchObject({ code: 'journal-unavailable' });
  });
});
