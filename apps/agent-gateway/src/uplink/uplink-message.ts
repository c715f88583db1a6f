import {
  EPOCH_PATTERN,
  OUTBOX_HEADERS,
  readHostJson,
  uplinkMessageSchema,
  type UplinkMessage,
} from '#lib/agent-protocol';
import { parseHostSubject, type HostId, type TenantId } from '#lib/events';
import type { StoredMessage } from '#lib/platform';

/** A host's message with its place in the host's outbox. */
export interface UplinkEnvelope {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly epoch: string;
  readonly n: number;
  readonly message: UplinkMessage;
}

/** Takes a stored message apart; a text says why it cannot be used. The host is what the subject says, never the body. */
export function readUplink(stored: StoredMessage): UplinkEnvelope | string {
  const from = parseHostSubject(stored.subject);
  if (from?.kind !== 'up') return 'the subject is no uplink subject';
  const epoch = stored.header(OUTBOX_HEADERS.epoch);
  const n = Number(stored.header(OUTBOX_HEADERS.n));
  if (epoch === undefined || !EPOCH_PATTERN.test(epoch) || !Number.isSafeInteger(n) || n < 1)
    return 'epoch or number is missing';
  const message = uplinkMessageSchema.safeParse(readHostJson(stored.data));
  if (!message.success)
    return `the body is not understood: ${message.error.issues[0]?.message ?? 'no reason'}`;
  return { tenant: from.tenant, host: from.host, epoch, n, message: message.data };
}
