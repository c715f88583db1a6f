import { reasonOf, Serial, type Log, type OpenTask, type TaskJournal } from '#lib/agent-core';
import type { CancelTask, OneShotTask } from '#lib/agent-protocol';
import { Wakeup } from '../reconcile/wakeup.js';
import {
  isRepeatable,
  laneOf,
  lanes,
  perform,
  type Outcome,
  type TaskLane,
  type TaskTools,
} from './perform.js';

export type TaskRunnerOptions = TaskTools & {
  readonly journal: TaskJournal;
  readonly log: Log;
};

const RETRY_MS = 5_000;
/** Timers hold no more. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;
/** Why a task was broken off; everything else that aborts it is the end of the agent. */
const CANCELLED = Symbol('cancelled');
const TOO_LATE = Symbol('too late');

/**
 * Does the host's one-shot tasks: those of a lane one after another, in the order in which they came. A task is on disk
 * before it is begun and until its result is, so it is neither lost nor, where that would do harm, done twice.
 */
export class TaskRunner {
  private readonly wakeups: ReadonlyMap<TaskLane, Wakeup>;
  /** Beginning a task and taking one back exclude each other. */
  private readonly decisions = new Serial();
  private readonly running = new Map<string, AbortController>();

  constructor(private readonly options: TaskRunnerOptions) {
    this.wakeups = new Map(lanes.map((lane) => [lane, new Wakeup(options.clock)]));
  }

  /** The task is in the journal. A cancellation does not queue behind what it cancels. */
  arrived(task: OpenTask): void {
    if (task.kind === 'CancelTask') this.attempt(() => this.cancel(task));
    else this.wakeups.get(laneOf(task))?.wake();
  }

  /** Goes on with what the journal holds, then with what arrives, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    for (const task of this.options.journal.openTasks)
      if (task.kind === 'CancelTask') this.attempt(() => this.cancel(task));
    await Promise.all([...this.wakeups].map(([lane, wakeup]) => this.runLane(lane, wakeup, signal)));
  }

  private async runLane(lane: TaskLane, wakeup: Wakeup, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isDone = await this.doAll(lane, signal).catch((error: unknown) => {
        this.options.log.warn({ reason: reasonOf(error) }, 'task not done yet');
        return false;
      });
      await wakeup.wait(signal, isDone ? undefined : RETRY_MS);
    }
  }

  private async doAll(lane: TaskLane, signal: AbortSignal): Promise<boolean> {
    for (let task = this.next(lane); task !== undefined && !signal.aborted; task = this.next(lane))
      await this.doOne(task, signal);
    return true;
  }

  private next(lane: TaskLane): OneShotTask | undefined {
    return this.options.journal.openTasks
      .filter((task) => task.kind !== 'CancelTask')
      .find((task) => laneOf(task) === lane);
  }

  private async doOne(task: OneShotTask, agentSignal: AbortSignal): Promise<void> {
    const { clock, journal } = this.options;
    const { taskId } = task;
    const known = journal.resultOf(taskId);
    if (known !== undefined) return this.finish(taskId, known);
    if (journal.hasBegun(taskId) && !isRepeatable(task))
      return this.finish(taskId, { outcome: 'failed', detail: 'the agent ended while it was being done' });
    if (Date.parse(task.deadline) <= clock.now())
      return this.finish(taskId, { outcome: 'expired', detail: `the deadline was ${task.deadline}` });
    const abort = new AbortController();
    const isBegun = await this.decisions.run(async () => {
      if (journal.isFinished(taskId)) return false;
      await journal.beginTask(taskId);
      this.running.set(taskId, abort);
      return true;
    });
    if (!isBegun) return;
    try {
      await this.progress(taskId, 'begun');
      const outcome = await this.performUntil(task, abort, agentSignal);
      // Left open: the next start of the agent tells what became of it.
      if (!agentSignal.aborted) await this.finish(taskId, outcome);
    } finally {
      this.running.delete(taskId);
    }
  }

  private async performUntil(
    task: OneShotTask,
    abort: AbortController,
    agentSignal: AbortSignal,
  ): Promise<Outcome> {
    const { clock } = this.options;
    const over = new AbortController();
    const late = Math.min(Date.parse(task.deadline) - clock.now(), LONGEST_SLEEP_MS);
    const stop = AbortSignal.any([agentSignal, abort.signal, over.signal]);
    clock.sleep(late, stop).then(
      () => abort.abort(TOO_LATE),
      () => undefined,
    );
    try {
      const progress = (note: string): Promise<void> => this.progress(task.taskId, note);
      const signal = AbortSignal.any([agentSignal, abort.signal]);
      const outcome = await perform(task, { ...this.options, progress }, signal);
      return brokenOff(outcome, abort.signal, task) ?? outcome;
    } finally {
      over.abort();
    }
  }

  private async cancel({ taskId, cancels }: CancelTask): Promise<void> {
    const { journal } = this.options;
    await this.decisions.run(async () => {
      const running = this.running.get(cancels);
      if (running !== undefined) running.abort(CANCELLED);
      else if (!journal.isFinished(cancels))
        await this.finish(cancels, { outcome: 'cancelled', detail: 'it had not begun' });
      await journal.finishTask(taskId);
    });
  }

  private progress(taskId: string, note: string): Promise<void> {
    const { clock, tell } = this.options;
    return tell({ kind: 'task-progress', at: clock.iso(), taskId, note: note.slice(0, 1000) });
  }

  /**
   * The result is in the journal before it is told, and in the outbox before the journal forgets the task: a kill in
   * between makes it come twice, and never another one.
   */
  private async finish(taskId: string, { detail, outcome }: Outcome): Promise<void> {
    const { clock, journal, tell } = this.options;
    const news = { kind: 'task-result', at: clock.iso(), taskId, outcome, detail } as const;
    const result = await journal.concludeTask(news);
    if (result === undefined) return;
    await tell(result);
    await journal.finishTask(taskId);
  }

  /** A cancellation that the disk refuses stays open, and is carried out at the next start. */
  private attempt(work: () => Promise<void>): void {
    work().catch((error: unknown) =>
      this.options.log.warn({ reason: reasonOf(error) }, 'task not cancelled yet'),
    );
  }
}

/** A task that could not be broken off any more was done in spite of it: `done` beats the wish to cancel. */
function brokenOff(
  { outcome }: Outcome,
  { aborted, reason }: AbortSignal,
  { deadline }: OneShotTask,
): Outcome | undefined {
  if (!aborted || outcome === 'done') return undefined;
  if (reason === TOO_LATE) return { outcome: 'expired', detail: `the deadline was ${deadline}` };
  return { outcome: 'cancelled', detail: 'it was broken off' };
}
