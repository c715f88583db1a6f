import { MAX_LIFE_SIGN_BYTES, readHostJson } from '#lib/agent-protocol';
import type { ConsumerDeserializer, IncomingEvent } from '@nestjs/microservices';

/**
 * Reads what hosts publish on core NATS. Nest's own deserializer takes a body with `pattern` and `id` for a request
 * to answer; a host must not be able to make the gateway publish anything, so every message is a plain event here.
 */
export class HostMessageDeserializer implements ConsumerDeserializer {
  deserialize(value: unknown, options?: Record<string, unknown>): IncomingEvent {
    return { pattern: options?.['channel'], data: readJson(value) };
  }
}

function readJson(value: unknown): unknown {
  const { data } = value as { readonly data: Uint8Array };
  return data.length > MAX_LIFE_SIGN_BYTES ? undefined : readHostJson(data);
}
