import {
  isFinalTaskPhase,
  phaseAfter,
  type AggregateId,
  type TaskPhase,
  type TaskStage,
  type TenantId,
} from '#lib/events';
import type { Sql } from '#lib/platform';

/** One stage that a task has reached. */
export interface TaskStep {
  readonly tenant: TenantId;
  readonly id: AggregateId;
  readonly stage: TaskStage;
  readonly at: string;
  readonly detail?: string;
}

/** Ids of stages grow in the order in which they become visible, because they are feed cursors. */
const ONE_WRITER = `SELECT pg_advisory_xact_lock(hashtext('task_stage'))`;

/** Held until the end of the transaction. */
export async function lockTaskStages(sql: Sql): Promise<void> {
  await sql.query(ONE_WRITER);
}

/**
 * Writes the stages that say something new and moves the tasks' phases. Steps of tasks that nobody knows are left
 * out, as are repeated ones, so a batch may be written again. Answers the phase of each step's task by then.
 */
export async function writeTaskSteps(
  sql: Sql,
  steps: readonly TaskStep[],
): Promise<readonly (TaskPhase | undefined)[]> {
  if (steps.length === 0) return [];
  await lockTaskStages(sql);
  const standing = await standingOf(sql, steps);
  const news: TaskStep[] = [];
  const moved = new Map<string, Moved>();
  for (const step of steps) {
    const now = standing.get(keyOf(step));
    const next = now && phaseWith(now, step);
    if (now === undefined || next === undefined) continue;
    const after = { phase: next, detail: step.detail ?? now.detail };
    standing.set(keyOf(step), after);
    news.push(step);
    moved.set(keyOf(step), { ...step, ...after });
  }
  await insertStages(sql, news);
  await movePhases(sql, [...moved.values()]);
  return steps.map((step) => standing.get(keyOf(step))?.phase);
}

/** Where a task stands before a step. */
type Standing = { readonly phase: TaskPhase; readonly detail: string | null };

/** A task that runs may say how far it is: another note is news, the same one is not. */
function phaseWith({ phase, detail }: Standing, step: TaskStep): TaskPhase | undefined {
  const isNote = phase === 'running' && step.stage === 'running';
  if (isNote) return step.detail === undefined || step.detail === detail ? undefined : phase;
  return phaseAfter(phase, step.stage);
}

type Moved = Omit<TaskStep, 'detail'> & { readonly phase: TaskPhase; readonly detail: string | null };

async function standingOf(sql: Sql, steps: readonly TaskStep[]): Promise<Map<string, Standing>> {
  const rows = await sql.query<Standing & { tenant: TenantId; id: AggregateId }>(
    `SELECT t.tenant, t.id, t.phase, t.detail
       FROM task t JOIN unnest($1::text[], $2::text[]) AS u(tenant, id) USING (tenant, id)`,
    [steps.map(({ tenant }) => tenant), steps.map(({ id }) => id)],
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Adds stages as they are. */
export async function insertStages(sql: Sql, steps: readonly TaskStep[]): Promise<void> {
  if (steps.length === 0) return;
  await sql.query(
    `INSERT INTO task_stage (tenant, task_id, stage, at, detail)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])`,
    [
      steps.map(({ tenant }) => tenant),
      steps.map(({ id }) => id),
      steps.map(({ stage }) => stage),
      steps.map(({ at }) => at),
      steps.map(({ detail }) => detail ?? null),
    ],
  );
}

async function movePhases(sql: Sql, moved: readonly Moved[]): Promise<void> {
  if (moved.length === 0) return;
  await sql.query(
    `UPDATE task t
        SET phase = u.phase, detail = coalesce(u.detail, t.detail), ended_at = u.ended_at
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
            AS u(tenant, id, phase, detail, ended_at)
      WHERE t.tenant = u.tenant AND t.id = u.id`,
    [
      moved.map(({ tenant }) => tenant),
      moved.map(({ id }) => id),
      moved.map(({ phase }) => phase),
      moved.map(({ detail }) => detail),
      moved.map(({ phase, at }) => (isFinalTaskPhase(phase) ? at : null)),
    ],
  );
}

const keyOf = ({ tenant, id }: Pick<TaskStep, 'tenant' | 'id'>): string => `${tenant}.${id}`;
