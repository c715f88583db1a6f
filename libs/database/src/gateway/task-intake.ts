import type { AggregateId, HostId, TaskMessage, TenantId } from '#lib/events';
import type { Sql } from '#lib/platform';
import type { TaskRow } from '../tables/task.table.js';
import { insertStages, writeTaskSteps, type TaskStep } from './task-steps.js';

/** A message of TASKS at its place. */
export interface PlacedTaskMessage {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly sequence: number;
  readonly message: TaskMessage;
}

/** What handing a task over needs to know of it. */
export type TaskToHandOver = Pick<
  TaskRow,
  'tenant' | 'id' | 'host' | 'phase' | 'cancel' | 'deadline' | 'body'
>;

/** Requests that are written as offered at this time, because they are handed over next. */
export interface OfferNow {
  readonly requests: ReadonlySet<PlacedTaskMessage>;
  readonly at: string;
}

/** Writes what the messages ask for, in their order; answers the new tasks that were written as offered. */
export async function takeMessages(
  sql: Sql,
  messages: readonly PlacedTaskMessage[],
  offer: OfferNow,
): Promise<readonly TaskToHandOver[]> {
  const offered: TaskToHandOver[] = [];
  for (const run of runsOf(messages, offer.requests)) {
    if (run.op === 'cancel') await takeCancel(sql, run);
    else offered.push(...(await takeRequests(sql, run.requests, offer.at)));
  }
  return offered;
}

type Placed<Op extends TaskMessage['op']> = Omit<PlacedTaskMessage, 'message'> & {
  readonly message: Extract<TaskMessage, { op: Op }>;
};
type PlacedRequest = Placed<'request'> & { readonly isOffered: boolean };
type PlacedCancel = Placed<'cancel'> & { readonly op: 'cancel' };
/** Requests that follow one another are taken in one statement. */
type Run = PlacedCancel | { readonly op: 'request'; readonly requests: PlacedRequest[] };

function runsOf(
  messages: readonly PlacedTaskMessage[],
  offered: ReadonlySet<PlacedTaskMessage>,
): readonly Run[] {
  const runs: Run[] = [];
  for (const placed of messages) {
    const { message, ...place } = placed;
    const last = runs.at(-1);
    if (message.op === 'cancel') {
      runs.push({ ...place, message, op: 'cancel' });
      continue;
    }
    const request = { ...place, message, isOffered: offered.has(placed) };
    if (last?.op === 'request') last.requests.push(request);
    else runs.push({ op: 'request', requests: [request] });
  }
  return runs;
}

/** What is asked for twice is one task. */
async function takeRequests(
  sql: Sql,
  requests: readonly PlacedRequest[],
  offeredAt: string,
): Promise<readonly TaskToHandOver[]> {
  const byId = new Map<string, PlacedRequest>();
  for (const placed of requests) if (!byId.has(idOf(placed))) byId.set(idOf(placed), placed);
  const fresh = await insertTasks(sql, [...byId.values()]);
  const steps = fresh.flatMap(({ tenant, isOffered, message: { at, task: body } }): readonly TaskStep[] => {
    const step = { tenant, id: body.taskId as AggregateId };
    const requested = { ...step, stage: 'requested', at } as const;
    return isOffered ? [requested, { ...step, stage: 'offered', at: offeredAt }] : [requested];
  });
  await insertStages(sql, steps);
  return fresh
    .filter(({ isOffered }) => isOffered)
    .map(({ tenant, host, message: { task: body } }) => {
      const { deadline, taskId } = body;
      return { tenant, id: taskId as AggregateId, host, phase: 'offered', cancel: 'none', deadline, body };
    });
}

/** Answers those that were not there yet. */
async function insertTasks(sql: Sql, asked: readonly PlacedRequest[]): Promise<readonly PlacedRequest[]> {
  const inserted = await sql.query<{ tenant: string; id: string }>(
    `INSERT INTO task (tenant, id, host, kind, body, phase, cancel, requested_at, requested_by, deadline, sequence)
     SELECT tenant, id, host, body ->> 'kind', body, phase, 'none', at, by, (body ->> 'deadline')::timestamptz,
            sequence
       FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::jsonb[], $7::bigint[],
                   $8::text[]) AS u(tenant, id, host, body, at, by, sequence, phase)
     ON CONFLICT DO NOTHING RETURNING tenant, id`,
    [
      asked.map(({ tenant }) => tenant),
      asked.map(({ message }) => message.task.taskId),
      asked.map(({ host }) => host),
      asked.map(({ message }) => JSON.stringify(message.task)),
      asked.map(({ message }) => message.at),
      asked.map(({ message }) => JSON.stringify(message.by)),
      asked.map(({ sequence }) => sequence),
      asked.map(({ isOffered }) => (isOffered ? 'offered' : 'requested')),
    ],
  );
  const fresh = new Set(inserted.map(({ tenant, id }) => `${tenant}.${id}`));
  return asked.filter((placed) => fresh.has(idOf(placed)));
}

/** A task that has not been offered is over at once; for others the host is told. */
async function takeCancel(sql: Sql, { tenant, host, message }: PlacedCancel): Promise<void> {
  const { taskId, at, by, reason } = message;
  const [row] = await sql.query<Pick<TaskRow, 'phase'>>(
    `SELECT phase FROM task WHERE tenant = $1 AND id = $2 AND host = $3 FOR UPDATE`,
    [tenant, taskId, host],
  );
  if (row === undefined) return;
  await sql.query(`UPDATE task SET cancel = 'requested' WHERE tenant = $1 AND id = $2 AND cancel = 'none'`, [
    tenant,
    taskId,
  ]);
  const detail = `${by.id}: ${reason}`;
  const steps: TaskStep[] = [{ tenant, id: taskId, stage: 'cancel-requested', at, detail }];
  if (row.phase === 'requested')
    steps.push({ tenant, id: taskId, stage: 'cancelled', at, detail: 'it had not been sent' });
  await writeTaskSteps(sql, steps);
}

const idOf = ({ tenant, message }: PlacedRequest): string => `${tenant}.${message.task.taskId}`;
