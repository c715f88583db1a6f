import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accepted, PhoenixClient, TaskDetailAnswer } from '#lib/client';
import { TaskNotDone } from '../exit-codes.js';
import { openSession } from '../session.js';
import { print, type Terminal } from '../terminal.js';

const POLL_MS = 500;
/** The gateway gives a host some time beyond the deadline to report. */
const PATIENCE_MS = 90_000;
const ENDED = new Set(['done', 'failed', 'expired', 'cancelled']);

export interface Asking {
  readonly terminal: Terminal;
  readonly host: string;
  readonly wait: boolean;
  /** Hears how far the task is, each time that this changes. */
  readonly onNote?: (note: string) => void;
}

/** Asks a host for a task. @returns how it ended; undefined where that is not waited for, which is said then */
export async function ask(
  { host, onNote, terminal, wait }: Asking,
  body: Readonly<Record<string, unknown>>,
): Promise<TaskDetailAnswer | undefined> {
  const session = await openSession();
  const accepted = await session.post<Accepted>(`/fleet/hosts/${encodeURIComponent(host)}/tasks`, {
    body,
    idempotencyKey: randomUUID(),
  });
  if (wait) return untilEnded(session, accepted, onNote);
  const { id } = accepted;
  const words = `asked for ${id}\nwatch:  phoenix task show ${id}\nundo:   phoenix task cancel ${id}`;
  print(terminal, accepted, () => words);
  return undefined;
}

/** @throws TaskNotDone */
export function requireDone({ id, phase }: TaskDetailAnswer): void {
  if (phase !== 'done') throw new TaskNotDone(id, phase);
}

async function untilEnded(
  session: PhoenixClient,
  { id, position }: Accepted,
  onNote: Asking['onNote'],
): Promise<TaskDetailAnswer> {
  const path = `/tasks/${encodeURIComponent(id)}`;
  let told: string | null = null;
  for (let patience: AbortSignal | undefined; ;) {
    const task = await session.get<TaskDetailAnswer>(path, { query: { atLeast: position } });
    const { deadline, requestedAt } = task;
    patience ??= AbortSignal.timeout(Date.parse(deadline) - Date.parse(requestedAt) + PATIENCE_MS);
    if (ENDED.has(task.phase) || patience.aborted) return task;
    if (task.phase === 'running' && task.detail !== null && task.detail !== told)
      onNote?.((told = task.detail));
    await sleep(POLL_MS);
  }
}
