import type { z } from 'zod';
import {
  AGENT_PROTOCOL_VERSION,
  downTaskSchema,
  handOverSessionSchema,
  HEARTBEAT_JITTER,
  HEARTBEAT_SECONDS,
  hostSubjects,
  type DownTask,
  type HandOverReply,
  type Heartbeat,
  type Hello,
  type Inventory,
} from '#lib/agent-protocol';
import type { Clock } from '../clock.js';
import type { Link } from '../link/door.js';
import type { Log } from '../log.js';

/** Who talks: one start of one agent on one host. */
export type AgentIdentity = {
  readonly tenant: string;
  readonly host: string;
  readonly bootId: string;
  readonly epoch: string;
  readonly agentVersion: string;
  /** What the host is made of, as this start of the agent found it. */
  readonly inventory?: Inventory;
};

export type SessionOptions = {
  readonly identity: AgentIdentity;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** The highest generation accepted. */
  readonly generation: () => number;
  /** What a heartbeat tells of the moment. */
  readonly vitals: () => Promise<Pick<Heartbeat, 'agent' | 'outbox' | 'collectors'>>;
  /** Journals the task of a gateway's session; its reply is sent on. */
  readonly accept: (task: DownTask, session?: number) => Promise<HandOverReply>;
};

/** Hello on each connect, heartbeats, and the hand-over of tasks. Runs until `signal` is aborted. */
export async function runSession(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { clock, identity, link } = options;
  const subjects = hostSubjects(identity.tenant, identity.host);
  link.serve(subjects.task, async ({ bytes }) => {
    const reply = await answer(options, bytes);
    if (reply !== undefined) link.publish(subjects.reply(reply.taskId), encode(reply));
  });
  // The task subscription stands before the hello that makes the gateway use it.
  link.onConnect(() => link.publish(subjects.hello, encode(hello(options))));
  while (!signal.aborted) {
    link.publish(subjects.heartbeat, encode(await heartbeat(options)));
    // Jitter downwards only, so that a heartbeat is never later than the gateway expects.
    await clock.sleep(heartbeatPause(Math.random()), signal).catch(() => undefined);
  }
}

/** Time to the next heartbeat, ms; `chance` is in [0, 1). */
export function heartbeatPause(chance: number): number {
  return HEARTBEAT_SECONDS * 1000 * (1 - HEARTBEAT_JITTER * chance);
}

async function answer(
  { accept, log }: SessionOptions,
  bytes: Uint8Array,
): Promise<HandOverReply | undefined> {
  const task = parseTask(bytes);
  if (task.ok) return accept(task.task, task.session);
  log.warn({ reason: task.reason }, 'task refused');
  return task.taskId === undefined
    ? undefined
    : { taskId: task.taskId, status: 'rejected', reason: task.reason };
}

type ParsedTask =
  | { readonly ok: true; readonly task: DownTask; readonly session: number | undefined }
  | { readonly ok: false; readonly taskId: string | undefined; readonly reason: string };

function parseTask(bytes: Uint8Array): ParsedTask {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { ok: false, taskId: undefined, reason: 'not JSON' };
  }
  const parsed = downTaskSchema.safeParse(json);
  const from = handOverSessionSchema.safeParse(json);
  if (parsed.success && from.success) return { ok: true, task: parsed.data, session: from.data.session };
  return {
    ok: false,
    taskId: taskIdIn(json),
    reason: `unknown task: ${firstIssue(parsed.error ?? from.error)}`,
  };
}

function firstIssue(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  return issue === undefined ? '' : `${issue.path.join('.')} ${issue.message}`;
}

/** A task of a later protocol is refused by its id, if it has one that can stand in a subject. */
function taskIdIn(json: unknown): string | undefined {
  const id = typeof json === 'object' && json !== null && 'taskId' in json ? json.taskId : undefined;
  return typeof id === 'string' && /^[\w-]{1,100}$/.test(id) ? id : undefined;
}

function hello({ clock, generation, identity }: SessionOptions): Hello {
  const { tenant: _tenant, ...who } = identity;
  return { protocol: AGENT_PROTOCOL_VERSION, ...who, at: clock.iso(), generation: generation() };
}

async function heartbeat({ clock, generation, identity, link, vitals }: SessionOptions): Promise<Heartbeat> {
  const { host, bootId, agentVersion } = identity;
  const about = link.about();
  const now = { ...(await vitals()), ...(about !== undefined && { link: about }) };
  // The time comes last: the gateway compares it with its own clock.
  return { host, bootId, agentVersion, generation: generation(), ...now, at: clock.iso() };
}

function encode(message: Hello | Heartbeat | HandOverReply): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
