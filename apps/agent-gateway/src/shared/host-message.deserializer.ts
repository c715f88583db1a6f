import { MAX_LIFE_SIGN_BYTES, readHostJson } from '#lib/agent-protocol';
import type { ConsumerDeserializer, IncomingEvent } from '@nestjs/microservices';
import type { HostLimits } from './host-limits.js';

/**
 * Reads what hosts publish on core NATS. Nest's own deserializer takes a body with `pattern` and `id` for a request
 * to answer; a host must not be able to make the gateway publish anything, so every message is a plain event here.
 * The limit of a host stands before the reading, so that a flood is not even parsed.
 */
export class HostMessageDeserializer implements ConsumerDeserializer {
  constructor(private readonly limits: Pick<HostLimits, 'admits'>) {}

  deserialize(value: unknown, options?: Record<string, unknown>): IncomingEvent {
    const { subject, data } = value as { readonly subject: string; readonly data: Uint8Array };
    const isRead = this.limits.admits(subject) && data.length <= MAX_LIFE_SIGN_BYTES;
    return { pattern: options?.['channel'], data: isRead ? readHostJson(data) : undefined };
  }
}
