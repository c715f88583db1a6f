import { PublishError } from '../nats/async-publisher.js';

/** What is to be done about an append that brought no acknowledgement. */
export type AppendFailure =
  | { readonly kind: 'conflict' }
  | { readonly kind: 'full' | 'too-large' }
  /** Not stored; the same commit may be sent again. */
  | { readonly kind: 'again' }
  /** Perhaps stored; the same commit may be sent again. */
  | { readonly kind: 'unknown' };

// JetStream's error codes, as named in the server's errors.json (2.15.1).
const WRONG_LAST_SEQUENCE = 10071;
const WRONG_LAST_SEQUENCE_IN_FLIGHT = 10164;
const MESSAGE_TOO_LARGE = 10054;
const STORE_FAILED = 10077;
const NO_ROOM = [10002, 10023, 10047];

/** Reads a failure of the publisher. Unknown errors count as an unknown outcome: that is safe, only slower. */
export function classify(error: unknown): AppendFailure {
  if (!(error instanceof PublishError)) return { kind: 'unknown' };
  switch (error.code) {
    case 'not-connected':
    case 'no-stream':
      return { kind: 'again' };
    case 'unknown-outcome':
      return { kind: 'unknown' };
    case 'not-sendable':
      return { kind: 'too-large' };
    case 'rejected':
      return classifyApiCode(error);
  }
}

function classifyApiCode(error: PublishError): AppendFailure {
  switch (error.apiCode) {
    case WRONG_LAST_SEQUENCE:
    case WRONG_LAST_SEQUENCE_IN_FLIGHT:
      return { kind: 'conflict' };
    case MESSAGE_TOO_LARGE:
      return { kind: 'too-large' };
    case STORE_FAILED:
      // One code for every trouble of the file store; only its text says that a limit was reached.
      return { kind: error.message.includes('maximum') ? 'full' : 'again' };
    default:
      return { kind: NO_ROOM.includes(error.apiCode) ? 'full' : 'again' };
  }
}
