import { EPOCH_PATTERN, EXPERIMENT_HEADER, OUTBOX_HEADERS } from '#lib/agent-protocol';
import { isId, parseHostSubject, type AggregateId, type HostId, type TenantId } from '#lib/events';
import { decodeWindowMessage, MeteringError, WINDOW_MS, type WindowMessage } from '#lib/metering';
import type { StoredMessage } from '#lib/platform';
import type { GapReason } from './numbering.js';

/** Later starts are no dates any more, or none that every reader can write. */
const END_OF_TIME = Date.UTC(3000, 0);

/** Names one message of one host's outbox. */
export type Numbered = {
  readonly tenant: TenantId;
  readonly host: HostId;
  readonly epoch: string;
  readonly n: number;
};

/** A stored message as the analyzer takes it. Hosts are not trusted: whatever they send ends in one of these. */
export type Incoming =
  | {
      readonly kind: 'window';
      readonly from: Numbered;
      readonly experimentId: AggregateId | null;
      readonly message: WindowMessage;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'unusable'; readonly from: Numbered; readonly reason: GapReason }
  /** Without a number there is no place for it in an outbox; its host is all that is known. */
  | { readonly kind: 'unnumbered'; readonly tenant: TenantId; readonly host: HostId }
  | { readonly kind: 'foreign' };

/** Reads a message of METRICS. Never throws for what a host sent. */
export function readIncoming(stored: StoredMessage): Incoming {
  const subject = parseHostSubject(stored.subject);
  if (subject?.kind !== 'met' || subject.rest !== '') return { kind: 'foreign' };
  const { tenant, host } = subject;
  const number = numberOf(stored);
  if (number === undefined) return { kind: 'unnumbered', tenant, host };
  const from = { tenant, host, ...number };
  const message = decode(stored.data);
  const experimentId = stored.header(EXPERIMENT_HEADER);
  if (message === undefined || !(experimentId === undefined || isId(experimentId)))
    return { kind: 'unusable', from, reason: 'malformed' };
  if (message.host !== host) return { kind: 'unusable', from, reason: 'foreign-host' };
  return {
    kind: 'window',
    from,
    experimentId: (experimentId as AggregateId | undefined) ?? null,
    message,
    payload: stored.data,
  };
}

function numberOf(stored: StoredMessage): Pick<Numbered, 'epoch' | 'n'> | undefined {
  const epoch = stored.header(OUTBOX_HEADERS.epoch) ?? '';
  const n = Number(stored.header(OUTBOX_HEADERS.n));
  if (!EPOCH_PATTERN.test(epoch)) return undefined;
  return Number.isSafeInteger(n) && n >= 1 ? { epoch, n } : undefined;
}

function decode(bytes: Uint8Array): WindowMessage | undefined {
  try {
    const message = decodeWindowMessage(bytes);
    return isOnGrid(message) ? message : undefined;
  } catch (error) {
    if (error instanceof MeteringError) return undefined;
    throw error;
  }
}

/** Off the common grid a host could claim any number of windows for one time. */
function isOnGrid({ start, seconds }: WindowMessage): boolean {
  return start % WINDOW_MS === 0 && seconds * 1000 === WINDOW_MS && start < END_OF_TIME;
}
