import {
  handOverReplySchema,
  hostSubjects,
  MAX_LIFE_SIGN_BYTES,
  readHostJson,
  type DownTask,
  type HandOverReply,
} from '#lib/agent-protocol';
import { parseHostSubject, type HostId, type TenantId } from '#lib/events';
import type { Clock, Nats, NatsMessage } from '#lib/platform';

/** Who offers: undefined when the host is another gateway's. */
export interface Sessions {
  sessionOf(tenant: TenantId, host: HostId): number | undefined;
}

const REPLY_TIMEOUT_MS = 5_000;
/** One timer looks at all that wait: thousands do when a fleet is asked for something. */
const EXPIRE_MS = 250;

interface Waiting {
  readonly until: number;
  readonly take: (reply: HandOverReply | undefined) => void;
}

/**
 * Hands an order or task to a host and waits for its reply, which comes only after it is on the host's disk. The
 * message may get lost: the caller offers again, and the host recognises what it has.
 */
export class HandOver {
  private readonly waiting = new Map<string, Waiting>();

  constructor(
    private readonly nats: Nats,
    private readonly clock: Clock,
    private readonly sessions: Sessions,
  ) {}

  /** Takes replies until the signal aborts; then nobody's reply can come any more. */
  async listen(signal: AbortSignal): Promise<void> {
    const expiry = this.clock.every(EXPIRE_MS, () => {
      this.expire(this.clock.now());
      return Promise.resolve();
    });
    try {
      for await (const message of this.nats.subscribe('rep.*.*.*', { signal })) this.heard(message);
    } finally {
      await expiry.stop();
      this.expire(Infinity);
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
    const reply = new Promise<HandOverReply | undefined>((take) =>
      this.waiting.set(name, { take, until: this.clock.now() + REPLY_TIMEOUT_MS }),
    );
    try {
      this.nats.send(subjectsOfHost.task, new TextEncoder().encode(JSON.stringify({ ...order, session })), {
        reply: subjectsOfHost.reply(order.taskId),
      });
      const answer = await reply;
      return answer?.status === 'fenced' ? undefined : answer;
    } finally {
      this.waiting.delete(name);
    }
  }

  private heard({ data, subject }: NatsMessage): void {
    const from = parseHostSubject(subject);
    if (from === undefined) return;
    // Looked up before it is read: what nobody waits for costs a host more than the gateway.
    const waiting = this.waiting.get(slot(from.tenant, from.host, from.rest));
    if (waiting === undefined || data.length > MAX_LIFE_SIGN_BYTES) return;
    const reply = handOverReplySchema.safeParse(readHostJson(data));
    // The subject is what the host's credential allows; the body alone proves nothing.
    if (reply.success && reply.data.taskId === from.rest) waiting.take(reply.data);
  }

  private expire(now: number): void {
    for (const { take, until } of this.waiting.values()) if (until <= now) take(undefined);
  }
}

function slot(tenant: TenantId, host: HostId, taskId: string): string {
  return `${tenant}.${host}.${taskId}`;
}
