import {
  handOverReplySchema,
  hostSubjects,
  MAX_LIFE_SIGN_BYTES,
  readHostJson,
  type DownTask,
  type HandOverReply,
} from '#lib/agent-protocol';
import { parseHostSubject, type HostId, type TenantId } from '#lib/events';
import type { Clock, Nats } from '#lib/platform';

/** Who offers: undefined when the host is another gateway's. */
export interface Sessions {
  sessionOf(tenant: TenantId, host: HostId): number | undefined;
}

const REPLY_TIMEOUT_MS = 5_000;

/**
 * Hands an order or task to a host and waits for its reply, which comes only after it is on the host's disk. The
 * message may get lost: the caller offers again, and the host recognises what it has.
 */
export class HandOver {
  private readonly waiting = new Map<string, (reply: HandOverReply) => void>();

  constructor(
    private readonly nats: Nats,
    private readonly clock: Clock,
    private readonly sessions: Sessions,
  ) {}

  /** Takes replies until the signal aborts. */
  async listen(signal: AbortSignal): Promise<void> {
    for await (const message of this.nats.subscribe('rep.*.*.*', { signal })) {
      const from = parseHostSubject(message.subject);
      if (from === undefined) continue;
      // Looked up before it is read: what nobody waits for costs a host more than the gateway.
      const take = this.waiting.get(slot(from.tenant, from.host, from.rest));
      if (take === undefined || message.data.length > MAX_LIFE_SIGN_BYTES) continue;
      const reply = handOverReplySchema.safeParse(readHostJson(message.data));
      // The subject is what the host's credential allows; the body alone proves nothing.
      if (reply.success && reply.data.taskId === from.rest) take(reply.data);
    }
  }

  /** Whether this gateway is the one that may offer the host something. */
  holds(tenant: TenantId, host: HostId): boolean {
    return this.sessions.sessionOf(tenant, host) !== undefined;
  }

  /** The host's reply, or undefined when none came in time or another gateway has the host. */
  async offer(tenant: TenantId, host: HostId, order: DownTask): Promise<HandOverReply | undefined> {
    const session = this.sessions.sessionOf(tenant, host);
    if (session === undefined) return undefined;
    const name = slot(tenant, host, order.taskId);
    const subjectsOfHost = hostSubjects(tenant, host);
    const timeout = new AbortController();
    const reply = new Promise<HandOverReply>((resolve) => this.waiting.set(name, resolve));
    try {
      this.nats.send(subjectsOfHost.task, new TextEncoder().encode(JSON.stringify({ ...order, session })), {
        reply: subjectsOfHost.reply(order.taskId),
      });
      const answer = await Promise.race([
        reply,
        this.clock.sleep(REPLY_TIMEOUT_MS, timeout.signal).then(() => undefined),
      ]);
      return answer?.status === 'fenced' ? undefined : answer;
    } finally {
      this.waiting.delete(name);
      timeout.abort();
    }
  }
}

function slot(tenant: TenantId, host: HostId, taskId: string): string {
  return `${tenant}.${host}.${taskId}`;
}
