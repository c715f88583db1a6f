import { subjects, type HostId, type TenantId } from '#lib/events';
import { lastMessage, PublishError, type Nats } from '#lib/platform';
import { sameContent, wantSchema, type Want, type WantContent } from '../shared/want.js';

const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);
const ATTEMPTS = 5;

/** The WANT stream: one message per host, its newest desired state. */
export class WantStore {
  constructor(private readonly nats: Nats) {}

  /** The newest desired state as the stream's leader knows it. @throws StreamReadError */
  async read(tenant: TenantId, host: HostId): Promise<Want | undefined> {
    return (await this.newest(tenant, host)).want;
  }

  /**
   * Replaces the desired state under the next generation, above `atLeast` and whatever stands there. What another
   * gateway has just written is not written again. @throws PublishError @throws StreamReadError
   */
  async write(
    where: { tenant: TenantId; host: HostId },
    content: WantContent,
    atLeast: number,
  ): Promise<Want> {
    for (let attempt = 1; ; attempt++) {
      const { want: known, sequence } = await this.newest(where.tenant, where.host);
      if (known !== undefined && says(known, content, atLeast)) return known;
      const want: Want = { ...content, generation: Math.max(known?.generation ?? 0, atLeast) + 1 };
      try {
        const payload = new TextEncoder().encode(JSON.stringify(want));
        await this.nats.publisher.publish(subjects.want(where.tenant, where.host), payload, {
          expectedLastSubjectSequence: sequence,
        });
        return want;
      } catch (error) {
        const conflict = error instanceof PublishError && WRONG_LAST_SEQUENCE.has(error.apiCode);
        if (!conflict || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async newest(
    tenant: TenantId,
    host: HostId,
  ): Promise<{ want: Want | undefined; sequence: number }> {
    const message = await lastMessage(this.nats, 'WANT', subjects.want(tenant, host));
    if (message === undefined) return { want: undefined, sequence: 0 };
    const parsed = wantSchema.safeParse(JSON.parse(new TextDecoder().decode(message.data)));
    // An unreadable desired state is replaced, not obeyed.
    return { want: parsed.success ? parsed.data : undefined, sequence: message.sequence };
  }
}

function says(known: Want, content: WantContent, atLeast: number): boolean {
  return known.generation >= atLeast && sameContent(known, content);
}
