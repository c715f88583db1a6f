import { join } from 'node:path';
import { z } from 'zod';
import {
  applyCollectorsSchema,
  cancelTaskSchema,
  oneShotSchemas,
  taskResultSchema,
  type ApplyCollectors,
  type CancelTask,
  type DownTask,
  type HandOverReply,
  type OneShotTask,
  type TaskResult,
} from '#lib/agent-protocol';
import { AgentError, reasonOf } from '../errors.js';
import type { Disk } from '../files/disk.js';
import { nodeDisk } from '../files/disk.js';
import { Serial } from '../serial.js';

/** How the newest order ended; absent while it is still to be carried out. */
const outcomeSchema = z.object({ taskId: z.string(), stage: z.enum(['effective', 'failed', 'fell-back']) });
export type OrderOutcome = Readonly<z.output<typeof outcomeSchema>>;

/** What is done once and then forgotten but for its id. */
const openTaskSchema = z.discriminatedUnion('kind', [...oneShotSchemas, cancelTaskSchema]);
export type OpenTask = OneShotTask | CancelTask;

const journalSchema = z.object({
  desired: applyCollectorsSchema.nullable(),
  outcome: outcomeSchema.nullable(),
  /** The order that last became effective, and the one before it. */
  healthy: applyCollectorsSchema.nullable(),
  previousHealthy: applyCollectorsSchema.nullable(),
  /** In the order in which they came. */
  openTasks: z.array(openTaskSchema),
  /** Ids of open tasks whose effect may have begun. */
  begunTasks: z.array(z.string()).default([]),
  /** What came of tasks, from then on until it is in the outbox for certain. */
  results: z.array(taskResultSchema).default([]),
  /** Ids of finished one-shot tasks, newest last. */
  finishedTasks: z.array(z.string()),
  /** The highest session of a gateway from which something was taken. */
  session: z.int().nonnegative().default(0),
});
type Journal = Readonly<z.output<typeof journalSchema>>;

const EMPTY: Journal = {
  ...{ desired: null, outcome: null, healthy: null, previousHealthy: null },
  ...{ openTasks: [], begunTasks: [], results: [], finishedTasks: [], session: 0 },
};

/** A gateway resends a task for seven days at most (stream `TASKS`); a host sees far fewer in that time. */
const REMEMBERED_TASKS = 1000;

/**
 * The agent's memory of what it was told to do. Every change is on disk before its promise resolves, so an
 * accepted task survives any crash, and a task that comes twice has its effect once.
 */
export class TaskJournal {
  private readonly serial = new Serial();
  /** The highest session seen; on disk with whatever is written next, as what changes nothing needs no fence. */
  private session: number;

  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private journal: Journal,
  ) {
    this.session = journal.session;
  }

  /** @throws AgentError `journal-unavailable` when the disk is, or when the file is none of ours */
  static async open(folder: string, disk: Disk = nodeDisk): Promise<TaskJournal> {
    const path = join(folder, 'tasks.json');
    try {
      await disk.ensureFolder(folder);
      const bytes = await disk.read(path);
      const journal = bytes === undefined ? EMPTY : journalSchema.parse(JSON.parse(bytes.toString('utf8')));
      return new TaskJournal(disk, path, journal);
    } catch (error) {
      throw new AgentError('journal-unavailable', `${path}: ${reasonOf(error)}`);
    }
  }

  get desired(): ApplyCollectors | null {
    return this.journal.desired;
  }

  get outcome(): OrderOutcome | null {
    return this.journal.outcome;
  }

  get healthy(): ApplyCollectors | null {
    return this.journal.healthy;
  }

  get previousHealthy(): ApplyCollectors | null {
    return this.journal.previousHealthy;
  }

  get openTasks(): readonly OpenTask[] {
    return this.journal.openTasks;
  }

  /** True for the session of a gateway that has lost this host to another: nothing of it is taken any more. */
  fences(session: number | undefined): boolean {
    return session !== undefined && session < this.session;
  }

  /** True when the effect of an open task may have begun, in this life of the agent or an earlier one. */
  hasBegun(taskId: string): boolean {
    return this.journal.begunTasks.includes(taskId);
  }

  /** What came of a task that is not finished yet. */
  resultOf(taskId: string): TaskResult | undefined {
    return this.journal.results.find((result) => result.taskId === taskId);
  }

  /** True when the task is over, or was taken back before it came. */
  isFinished(taskId: string): boolean {
    return this.journal.finishedTasks.includes(taskId);
  }

  /** The highest generation accepted; 0 when none was. */
  get generation(): number {
    return this.journal.desired?.generation ?? 0;
  }

  /**
   * Takes a task. The reply may be sent as it is: an accepted task is on disk. Without a disk it is rejected. With a
   * lower `session` than that of an earlier task it is `fenced`: the gateway has lost this host to another.
   */
  async accept(task: DownTask, session?: number): Promise<HandOverReply> {
    const { taskId } = task;
    // No credential goes into a journal: whoever can exchange it takes the task before it comes here.
    if (task.kind === 'RotateCredential')
      return { taskId, status: 'rejected', reason: 'this host has no credential that could be exchanged' };
    try {
      const status = await this.serial.run(() => this.acceptFrom(task, session ?? this.session));
      return { taskId, status };
    } catch (error) {
      return { taskId, status: 'rejected', reason: reasonOf(error) };
    }
  }

  /**
   * Notes how the order ended; a newer one is not touched. After `fell-back`, `runs` is what runs in its place.
   * @throws AgentError `journal-unavailable`
   */
  concludeOrder(order: ApplyCollectors, stage: OrderOutcome['stage'], runs = order): Promise<void> {
    return this.serial.run(async () => {
      const { desired, healthy, previousHealthy } = this.journal;
      const isNews = stage === 'effective' && healthy?.taskId !== order.taskId;
      await this.write({
        ...this.journal,
        ...(desired?.taskId === order.taskId && { outcome: { taskId: order.taskId, stage } }),
        ...(isNews && { healthy: order, previousHealthy: healthy ?? previousHealthy }),
        ...(stage === 'fell-back' && { healthy: runs }),
      });
    });
  }

  /** Notes that the effect of a task may begin from now on. @throws AgentError `journal-unavailable` */
  beginTask(taskId: string): Promise<void> {
    return this.serial.run(() =>
      this.write({ ...this.journal, begunTasks: [...this.journal.begunTasks, taskId] }),
    );
  }

  /**
   * Notes what came of a task, before anybody is told: killed in between, the agent tells the same again. The first
   * result stands; undefined when the task is over, and nothing more is to be told.
   * @throws AgentError `journal-unavailable`
   */
  concludeTask(result: TaskResult): Promise<TaskResult | undefined> {
    return this.serial.run(async () => {
      if (this.isFinished(result.taskId)) return undefined;
      const known = this.resultOf(result.taskId);
      if (known !== undefined) return known;
      await this.write({ ...this.journal, results: [...this.journal.results, result] });
      return result;
    });
  }

  /**
   * Notes that a task is over; one that has not come yet will be known when it does.
   * @throws AgentError `journal-unavailable`
   */
  finishTask(taskId: string): Promise<void> {
    return this.serial.run(() =>
      this.write({
        ...this.journal,
        openTasks: this.journal.openTasks.filter((task) => task.taskId !== taskId),
        begunTasks: this.journal.begunTasks.filter((begun) => begun !== taskId),
        results: this.journal.results.filter((result) => result.taskId !== taskId),
        finishedTasks: [...this.journal.finishedTasks, taskId].slice(-REMEMBERED_TASKS),
      }),
    );
  }

  private async acceptFrom(
    task: ApplyCollectors | OpenTask,
    session: number,
  ): Promise<HandOverReply['status']> {
    if (this.fences(session)) return 'fenced';
    this.session = session;
    return task.kind === 'ApplyCollectors' ? this.acceptOrder(task) : this.acceptOnce(task);
  }

  private async acceptOrder(order: ApplyCollectors): Promise<HandOverReply['status']> {
    const { desired } = this.journal;
    if (desired?.taskId === order.taskId) return 'duplicate';
    if (order.generation <= this.generation) return 'superseded';
    await this.write({ ...this.journal, desired: order, outcome: null });
    return 'accepted';
  }

  private async acceptOnce(task: OpenTask): Promise<HandOverReply['status']> {
    const { openTasks, finishedTasks } = this.journal;
    const isKnown =
      finishedTasks.includes(task.taskId) || openTasks.some(({ taskId }) => taskId === task.taskId);
    if (isKnown) return 'duplicate';
    await this.write({ ...this.journal, openTasks: [...openTasks, task] });
    return 'accepted';
  }

  private async write(changed: Journal): Promise<void> {
    const journal = { ...changed, session: this.session };
    try {
      await this.disk.replace(this.path, JSON.stringify(journal));
    } catch (error) {
      throw new AgentError('journal-unavailable', reasonOf(error));
    }
    this.journal = journal;
  }
}
