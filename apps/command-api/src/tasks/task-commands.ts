import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, findHost, findTask, type HostView, type TaskRow } from '#lib/database';
import { DomainError } from '#lib/domain-kernel';
import type { OneShotTask, Preflight, RecordMetrics, Simulate } from '#lib/agent-protocol';
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
import { Commander, type Accepted } from '../shared/http/commander.js';
import { refusal } from '../shared/http/edge-error.js';
import type { Database } from '../shared/views/database.js';
import { renderedFor, renderedRaw } from './rendered-for.js';
import type { RequestTaskDto } from './task.dto.js';

const DEFAULT_LINES = 100;
const DEFAULT_SECONDS = 300;
const DEFAULT_PROCESSES = 20;
const PREFLIGHT_SECONDS = 30;
const RECORD_SECONDS = 60;
/** TASKS takes messages of 64 KiB with their headers. */
const MAX_TASK_BYTES = 63 * 1024;

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
    private readonly commander: Commander,
  ) {}

  /**
   * @throws DomainError `host-not-found`, `host-revoked`
   * @throws ProblemError `invalid-parameters`, `unknown-pipeline-version`, `task-too-large`, `too-many-tasks`,
   *   `tasks-unavailable`
   */
  async request(host: HostId, dto: RequestTaskDto, context: CommandContext): Promise<Accepted> {
    const id = idFrom('task', context.commandId);
    // The stream remembers an id for minutes only, the table for ever.
    const earlier = await findTask(this.db, context.tenant, id);
    if (earlier !== null) return { id, position: String(earlier.sequence) };
    const task = await this.taskOf(id, await this.requireHost(context.tenant, host), dto);
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

  private async taskOf(taskId: AggregateId, host: HostView, dto: RequestTaskDto): Promise<OneShotTask> {
    const { deadlineSeconds = DEFAULT_SECONDS + secondsOf(dto) } = dto;
    const deadline = new Date(this.clock.now() + deadlineSeconds * 1000).toISOString();
    const { kind, variant = 'baseline' } = dto;
    switch (kind) {
      case 'CollectLogs':
        return { kind, taskId, deadline, variant, lines: dto.lines ?? DEFAULT_LINES };
      case 'RestartCollector':
        return { kind, taskId, deadline, variant };
      case 'Preflight':
        return { kind, taskId, deadline, ...(await preflightOf(host, dto, this.commander)) };
      case 'RecordMetrics':
        return { kind, taskId, deadline, ...(await recordingOf(host, dto, this.commander)) };
      case 'Simulate':
        return { kind, taskId, deadline, ...simulationOf(dto) };
    }
  }

  private async requireHost(tenant: TenantId, id: HostId): Promise<HostView> {
    const host = await findHost(this.db, tenant, id);
    if (host === null)
      throw new DomainError('host-not-found', 'There is no such host.', 'See GET /fleet/hosts.');
    if (host.status === 'revoked')
      throw new DomainError('host-revoked', 'The credential of the host was revoked: no task reaches it.');
    return host;
  }

  private async publish(
    message: TaskMessage,
    { tenant, host }: Pick<TaskRow, 'tenant' | 'host'>,
    messageId: string,
  ): Promise<string> {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    if (payload.length > MAX_TASK_BYTES)
      throw refusal(
        'task-too-large',
        'The pipelines are too large for one task, which carries 63 KiB; an experiment carries more.',
        'Try one at a time.',
      );
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

async function preflightOf(
  host: HostView,
  dto: RequestTaskDto,
  commander: Commander,
): Promise<Pick<Preflight, 'seconds' | 'collectors' | 'criticalProcesses'>> {
  const { criticalProcesses = [] } = dto;
  const collectors = await renderedFor(host, dto, commander);
  return { seconds: secondsOf(dto), collectors, criticalProcesses: [...criticalProcesses] };
}

async function recordingOf(
  host: HostView,
  dto: RequestTaskDto,
  commander: Commander,
): Promise<Pick<RecordMetrics, 'seconds' | 'collector'>> {
  const rendered = await renderedRaw(host, dto.baseline, commander);
  return { seconds: secondsOf(dto), collector: { configHash: rendered.hash, rendered } };
}

function simulationOf(dto: RequestTaskDto): Pick<Simulate, 'profile' | 'seconds' | 'processes'> {
  const { processes = DEFAULT_PROCESSES, profile = 'realistic' } = dto;
  return { profile, seconds: secondsOf(dto), processes };
}

/** How long the task itself lasts. */
function secondsOf({ kind, seconds }: RequestTaskDto): number {
  if (seconds !== undefined) return seconds;
  return kind === 'Preflight' ? PREFLIGHT_SECONDS : kind === 'RecordMetrics' ? RECORD_SECONDS : 0;
}

/** The refusal of an id that names no task. */
export function taskNotFound(): Error {
  return refusal('task-not-found', 'There is no such task.', 'See GET /tasks.');
}

function isOver({ phase }: TaskRow): Error {
  return refusal('task-over', `The task is over: ${phase}.`, 'Ask for a new one if it is still wanted.');
}
