import { join } from 'node:path';
import {
  drainLane,
  Outbox,
  runSession,
  systemClock,
  TaskJournal,
  type Link,
  type OutboxMessage,
} from '#lib/agent-core';
import {
  EXPERIMENT_HEADER,
  hostSubjects,
  type DownTask,
  type EnrolResponse,
  type HandOverReply,
  type UplinkMessage,
} from '#lib/agent-protocol';
import type { HostId } from '#lib/events';
import { tenant, type GatewayHouse } from './gateway-house.js';

const clock = systemClock;
const log = { info: () => undefined, warn: () => undefined };

/** A host of the agent's own parts: outbox, journal and session are real, and a task's effect is to be counted. */
export class CoreHost {
  /** Tasks whose effect took place, in order. */
  readonly effects: DownTask[] = [];
  /** What was answered to each hand-over. */
  readonly replies: HandOverReply[] = [];
  private readonly leaving = new AbortController();
  private readonly running: Promise<unknown>;

  private constructor(
    readonly id: HostId,
    readonly link: Link,
    readonly outbox: Outbox,
    readonly journal: TaskJournal,
  ) {
    const { leaving } = this;
    const publish = link.publishAcked;
    const identity = { tenant, host: id, bootId: 'b1', epoch: outbox.epoch, agentVersion: '0.1.0' };
    const outboxDepths = () => ({ results: outbox.status().results, metrics: outbox.status().metrics });
    const vitals = () =>
      Promise.resolve({
        ...{ agent: { cpuPercent: 0.4, rssBytes: 60e6 }, outbox: outboxDepths(), collectors: [] },
      });
    const options = { identity, link, clock, log, vitals, generation: () => journal.generation };
    this.running = Promise.all([
      runSession({ ...options, accept: (task, gateway) => this.accept(task, gateway) }, leaving.signal),
      drainLane({ outbox, lane: 'results', publish, clock, log }, leaving.signal),
      drainLane({ outbox, lane: 'metrics', publish, clock, log }, leaving.signal),
    ]);
  }

  static async open(house: GatewayHouse, { host }: EnrolResponse, link: Link): Promise<CoreHost> {
    const folder = join(house.parts.dir, `core-${host}`);
    const outbox = await Outbox.open({
      folder: join(folder, 'outbox'),
      gapMessage: ({ fromN, toN }) => messageOf(host, { kind: 'outbox-gap', at: clock.iso(), fromN, toN }),
    });
    const journal = await TaskJournal.open(join(folder, 'journal'));
    return new CoreHost(host as HostId, link, outbox, journal);
  }

  /** Puts a report into the outbox. */
  tell(message: UplinkMessage): Promise<number> {
    return this.outbox.append('results', messageOf(this.id, message));
  }

  /** Puts a window into the outbox; what it says is not looked at on the way. */
  meter(text: string, experiment: string): Promise<number> {
    const headers = { [EXPERIMENT_HEADER]: experiment };
    const body = new TextEncoder().encode(text);
    return this.outbox.append('metrics', { subject: hostSubjects(tenant, this.id).metrics, headers, body });
  }

  async stop(): Promise<void> {
    this.leaving.abort();
    await this.running;
    await this.link.close();
  }

  private async accept(task: DownTask, gateway?: number): Promise<HandOverReply> {
    const reply = await this.journal.accept(task, gateway);
    this.replies.push(reply);
    if (reply.status === 'accepted') {
      this.effects.push(task);
      void this.perform(task);
    }
    return reply;
  }

  private async perform(task: DownTask): Promise<void> {
    const { taskId } = task;
    if (task.kind === 'ApplyCollectors' || task.kind === 'CancelTask') return;
    await this.tell({
      kind: 'task-result',
      at: clock.iso(),
      taskId,
      outcome: 'done',
      detail: `${taskId} done`,
    });
    await this.journal.finishTask(taskId);
  }
}

function messageOf(host: string, message: UplinkMessage): OutboxMessage {
  const subject = hostSubjects(tenant, host).uplink(message.kind);
  return { subject, headers: {}, body: new TextEncoder().encode(JSON.stringify(message)) };
}
