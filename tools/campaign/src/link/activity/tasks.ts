import type { OneShotKind, OneShotTask } from '#lib/agent-protocol';
import { subjects, type AggregateId, type HostId, type TaskMessage } from '#lib/events';
import { systemClock, type Nats } from '#lib/platform';
import type { Recorder } from '../history/recorder.js';
import { tenant } from '../parts/house.js';
import { insist } from './insist.js';

const by = { kind: 'user', id: 'u1' } as const;
const variant = 'baseline';

/** What recorded hosts have an effect for. */
export type AskedKind = Extract<OneShotKind, 'CollectLogs' | 'RestartCollector'>;

/** Asks for one-shot tasks and takes them back, as people do. */
export class Tasks {
  private count = 0;

  constructor(
    private readonly nats: Nats,
    private readonly recorder: Recorder,
  ) {}

  /** @param seconds until its deadline */
  async ask(host: HostId, kind: AskedKind, seconds: number): Promise<string> {
    const taskId = `t${(this.count += 1)}`;
    const deadline = new Date(systemClock.now() + seconds * 1000).toISOString();
    const body: OneShotTask =
      kind === 'CollectLogs'
        ? { kind, taskId, deadline, variant, lines: 10 }
        : { kind, taskId, deadline, variant };
    this.recorder.note<'asked'>({ type: 'asked', host, taskId, kind, deadline });
    await this.say(host, { op: 'request', at: systemClock.iso(), by, task: body });
    return taskId;
  }

  async takeBack(host: HostId, taskId: string): Promise<void> {
    this.recorder.note<'taken-back'>({ type: 'taken-back', host, taskId });
    const reason = 'not needed';
    await this.say(host, { op: 'cancel', at: systemClock.iso(), by, taskId: taskId as AggregateId, reason });
  }

  private async say(host: HostId, message: TaskMessage): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    await insist(() => this.nats.publisher.publish(subjects.task(tenant, host), payload));
  }
}
