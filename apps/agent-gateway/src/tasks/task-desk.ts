import type { CancelTask, DownTask, HandOverReply } from '#lib/agent-protocol';
import type { TaskHost, TaskRow, TaskStep, TaskToHandOver } from '#lib/database';
import { isFinalTaskPhase, type HostId, type TaskPhase, type TenantId } from '#lib/events';
import type { Clock } from '#lib/platform';
import { key } from '../shared/fleet-book.js';
import { Gather } from '../shared/gather.js';
import { HostQueues } from '../shared/host-queues.js';

/** The gateway's table of tasks. */
export interface TaskRecords {
  /** Answers the phase of each step's task by then. */
  advance(steps: readonly TaskStep[]): Promise<readonly (TaskPhase | undefined)[]>;
  cancelAccepted(task: Pick<TaskRow, 'tenant' | 'id'>): Promise<void>;
  waitingHosts(): Promise<readonly TaskHost[]>;
  waitingFor(hosts: readonly TaskHost[]): Promise<readonly (readonly TaskRow[])[]>;
  overdue(at: string, limit: number): Promise<readonly TaskRow[]>;
}

export interface TaskDeskParts {
  readonly records: TaskRecords;
  readonly clock: Clock;
  readonly isOnline: (tenant: TenantId, host: HostId) => boolean;
  /** Whether the host has answered all that it is to run, as far as is known without asking. */
  readonly hasAnswered: (tenant: TenantId, host: HostId) => boolean;
  /** Brings the host to its desired state first; false when it has not answered that yet. */
  readonly ordersDone: (tenant: TenantId, host: HostId) => Promise<boolean>;
  readonly offer: (tenant: TenantId, host: HostId, task: DownTask) => Promise<HandOverReply | undefined>;
}

/** The only task that waits for a host, unless its mark has gone by then. */
interface Known {
  readonly task: TaskToHandOver;
  readonly mark: TaskHost;
}

/** What a host that has a task may take beyond the deadline to report, before the gateway says that it is late. */
const REPORT_GRACE_MS = 60_000;
const OVERDUE_BATCH = 500;
/** Most hosts that one statement or transaction serves. */
const TOGETHER = 2_000;

/**
 * Brings one-shot tasks to their hosts: in the order in which they were asked for, after the host's desired state,
 * each offered until the host has it on its disk. Everything else about a task is the host's to tell.
 */
export class TaskDesk {
  private readonly queues = new HostQueues();
  /** Hosts for which something waits, so that hosts without tasks cost nothing. */
  private readonly waiting = new Map<string, TaskHost>();
  private readonly reading: Gather<TaskHost, readonly TaskRow[]>;
  private readonly writing: Gather<TaskStep, TaskPhase | undefined>;
  private isLeaving = false;

  constructor(private readonly parts: TaskDeskParts) {
    const { records } = parts;
    this.reading = new Gather((hosts) => records.waitingFor(hosts), TOGETHER);
    this.writing = new Gather((steps) => records.advance(steps), TOGETHER);
  }

  /** Learns from the table what waits; at the start. */
  async load(): Promise<void> {
    for (const host of await this.parts.records.waitingHosts()) this.expect(host);
  }

  /** Whether a task for the host can go out as soon as it is written: the host is there and nothing comes before it. */
  isFree({ tenant, host }: TaskHost): boolean {
    const { hasAnswered, isOnline } = this.parts;
    return !this.waiting.has(key(tenant, host)) && isOnline(tenant, host) && hasAnswered(tenant, host);
  }

  /** Something was asked for or taken back. @param offered what was asked for, when it is written as offered */
  arrived(host: TaskHost, offered?: TaskToHandOver): Promise<void> {
    const mark = this.expect(host);
    return this.settle(host.tenant, host.host, offered && { task: offered, mark });
  }

  /** Hands over what waits for a host, if it can be reached. Safe to call at any time and any number of times. */
  settle(tenant: TenantId, host: HostId, known?: Known): Promise<void> {
    if (!this.waiting.has(key(tenant, host)) || !this.parts.isOnline(tenant, host)) return Promise.resolve();
    return this.queues.share(tenant, host, () => this.step({ tenant, host }, known));
  }

  /** Hosts for which something waits and that are online. */
  reachable(): readonly TaskHost[] {
    return [...this.waiting.values()].filter(({ tenant, host }) => this.parts.isOnline(tenant, host));
  }

  /** Ends what is too late: at once where the host never had it, with some patience where its report is missing. */
  async sweepOverdue(): Promise<void> {
    const { clock, records } = this.parts;
    const now = clock.now();
    const late = await records.overdue(clock.iso(), OVERDUE_BATCH);
    const steps = late.flatMap((task): readonly TaskStep[] => {
      const hadIt = task.phase !== 'requested' && task.phase !== 'offered';
      if (hadIt && now < Date.parse(task.deadline) + REPORT_GRACE_MS) return [];
      const detail = hadIt ? 'the host has not reported in time; if it does, that counts' : NEVER_ARRIVED;
      return [expired(task, clock.iso(), detail)];
    });
    if (steps.length > 0) await records.advance(steps);
  }

  /** From now on no task is begun with; what is being handed over is finished. */
  leave(): void {
    this.isLeaving = true;
  }

  whenIdle(): Promise<void> {
    return this.queues.whenIdle();
  }

  /** Marks the host anew, so that a step which is under way sees that something came after it had looked. */
  private expect({ tenant, host }: TaskHost): TaskHost {
    const mark = { tenant, host };
    this.waiting.set(key(tenant, host), mark);
    return mark;
  }

  private async step(host: TaskHost, known?: Known): Promise<void> {
    const name = key(host.tenant, host.host);
    if (!(await this.parts.ordersDone(host.tenant, host.host))) return;
    const mark = this.waiting.get(name);
    // What is known is all there is, unless something came since.
    const tasks = known !== undefined && known.mark === mark ? [known.task] : await this.reading.do(host);
    for (const task of tasks) if (this.isLeaving || !(await this.handOver(task))) return;
    if (this.waiting.get(name) === mark) this.waiting.delete(name);
    else await this.step(host);
  }

  /** False when the host does not answer: its later tasks wait behind this one. */
  private handOver(task: TaskToHandOver): Promise<boolean> {
    return task.cancel === 'requested' ? this.handOverCancel(task) : this.handOverTask(task);
  }

  private async handOverTask(task: TaskToHandOver): Promise<boolean> {
    const { clock, offer } = this.parts;
    const { tenant, id, host } = task;
    if (Date.parse(task.deadline) <= clock.now()) {
      await this.writing.do(expired(task, clock.iso(), NEVER_ARRIVED));
      return true;
    }
    // Written before it is sent: from now on the host may have it. What was taken back since it was read is over.
    if (task.phase === 'requested') {
      const phase = await this.writing.do({ tenant, id, stage: 'offered', at: clock.iso() });
      if (phase === undefined || isFinalTaskPhase(phase)) return true;
    }
    const reply = await offer(tenant, host, task.body);
    if (reply === undefined) return false;
    const at = clock.iso();
    await this.writing.do(
      reply.status === 'rejected'
        ? { tenant, id, stage: 'failed', at, detail: `the host rejected it: ${reply.reason ?? 'no reason'}` }
        : { tenant, id, stage: 'accepted', at },
    );
    return true;
  }

  private async handOverCancel({ tenant, host, id }: TaskToHandOver): Promise<boolean> {
    const cancel: CancelTask = { kind: 'CancelTask', taskId: `cancel-${id}`, cancels: id };
    const reply = await this.parts.offer(tenant, host, cancel);
    if (reply === undefined || reply.status === 'rejected') return false;
    await this.parts.records.cancelAccepted({ tenant, id });
    return true;
  }
}

const NEVER_ARRIVED = 'the host could not be reached in time';

function expired({ tenant, id }: TaskToHandOver, at: string, detail: string): TaskStep {
  return { tenant, id, stage: 'expired', at, detail };
}
