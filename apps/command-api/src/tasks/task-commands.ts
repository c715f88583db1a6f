import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, findHost, findTask, type TaskRow } from '#lib/database';
import { DomainError } from '#lib/domain-kernel';
import type { OneShotTask } from '#lib/agent-protocol';
import {
  isFinalTaskPhase,
  subjects,
  type AggregateId,
  type HostId,
  type TaskMessage,
  type TenantId,
} from '#lib/events';
import { CLOCK, commandIdFrom, idFrom, NATS, PublishError, type Clock, type Nats } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import type { Accepted } from '../shared/http/commander.js';
import { refusal } from '../shared/http/edge-error.js';
import type { Database } from '../shared/views/database.js';
import type { RequestTaskDto } from './task.dto.js';

const DEFAULT_LINES = 100;
const DEFAULT_SECONDS = 300;

/**
 * Puts requests into TASKS; the agent gateway takes them from there. The position in an answer is the place in that
 * stream, and `GET /tasks?atLeast=` waits for it.
 */
@Injectable()
export class TaskCommands {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(NATS) private readonly nats: Pick<Nats, 'publisher'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `host-not-found`, `host-revoked` @throws ProblemError `too-many-tasks`, `tasks-unavailable` */
  async request(host: HostId, dto: RequestTaskDto, context: CommandContext): Promise<Accepted> {
    const id = idFrom('task', context.commandId);
    // The stream remembers an id for minutes only, the table for ever.
    const earlier = await findTask(this.db, context.tenant, id);
    if (earlier !== null) return { id, position: String(earlier.sequence) };
    await this.requireHost(context.tenant, host);
    const task = this.taskOf(id, dto);
    const position = await this.publish(
      { op: 'request', at: this.clock.iso(), by: context.actor, task },
      { tenant: context.tenant, host },
      context.commandId,
    );
    return { id, position };
  }

  /** @throws ProblemError `task-not-found`, `task-over`, `too-many-tasks`, `tasks-unavailable` */
  async cancel(id: AggregateId, reason: string, { tenant, actor }: CommandContext): Promise<Accepted> {
    const row = await findTask(this.db, tenant, id);
    if (row === null) throw taskNotFound();
    if (isFinalTaskPhase(row.phase)) throw isOver(row);
    if (row.cancel !== 'none') return { id, position: String(row.sequence) };
    const message: TaskMessage = { op: 'cancel', at: this.clock.iso(), by: actor, taskId: id, reason };
    return { id, position: await this.publish(message, row, commandIdFrom('cancel-task', tenant, id)) };
  }

  private taskOf(taskId: AggregateId, dto: RequestTaskDto): OneShotTask {
    const { kind, variant, lines = DEFAULT_LINES, deadlineSeconds = DEFAULT_SECONDS } = dto;
    const deadline = new Date(this.clock.now() + deadlineSeconds * 1000).toISOString();
    switch (kind) {
      case 'CollectLogs':
        return { kind, taskId, deadline, variant, lines };
      case 'RestartCollector':
        return { kind, taskId, deadline, variant };
    }
  }

  private async requireHost(tenant: TenantId, id: HostId): Promise<void> {
    const host = await findHost(this.db, tenant, id);
    if (host === null)
      throw new DomainError('host-not-found', 'There is no such host.', 'See GET /fleet/hosts.');
    if (host.status === 'revoked')
      throw new DomainError('host-revoked', 'The credential of the host was revoked: no task reaches it.');
  }

  private async publish(
    message: TaskMessage,
    { tenant, host }: Pick<TaskRow, 'tenant' | 'host'>,
    messageId: string,
  ): Promise<string> {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    try {
      const ack = await this.nats.publisher.publish(subjects.task(tenant, host), payload, { messageId });
      return String(ack.sequence);
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      if (error.code === 'rejected')
        throw refusal(
          'too-many-tasks',
          'The host has as many tasks of the last seven days as are kept for one host.',
          'Wait for the oldest to age out.',
        );
      throw refusal(
        'tasks-unavailable',
        'The task may not have been stored.',
        'Repeat the request with the same Idempotency-Key.',
      );
    }
  }
}

/** The refusal of an id that names no task. */
export function taskNotFound(): Error {
  return refusal('task-not-found', 'There is no such task.', 'See GET /tasks.');
}

function isOver({ phase }: TaskRow): Error {
  return refusal('task-over', `The task is over: ${phase}.`, 'Ask for a new one if it is still wanted.');
}
