import {
  headers as createHeaders,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node';
import { z } from 'zod';
import type { LinkState } from './link-state.js';
import type { ReplyInbox } from './reply-inbox.js';

/** Where a stream stored a message. */
export interface PublishAck {
  readonly stream: string;
  readonly sequence: number;
  /** The stream had already stored a message of this id: nothing new was written. */
  readonly duplicate: boolean;
}

export interface PublishOptions {
  /** Deduplicated stream-wide within the stream's window. Only trusted services may rely on it. */
  readonly messageId?: string;
  /** Stream sequence that the last message of this very subject must have; 0 when there must be none. */
  readonly expectedLastSubjectSequence?: number;
  /** Compare the last message of these subjects instead; a wildcard takes all of them together (server 2.11). */
  readonly expectationSubject?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * - `not-connected`: not sent, hence not stored.
 * - `no-stream`: nobody answers for the subject: no stream takes it, JetStream is not up, or it is not permitted.
 * - `unknown-outcome`: no answer. It may be stored, now or in a moment.
 * - `rejected`: the stream refused it, see `apiCode`; not stored.
 * - `not-sendable`: the client refused it, for instance because it is larger than the server takes; not stored.
 */
export type PublishErrorCode =
  'not-connected' | 'no-stream' | 'unknown-outcome' | 'rejected' | 'not-sendable';

export class PublishError extends Error {
  override readonly name = 'PublishError';
  constructor(
    readonly code: PublishErrorCode,
    detail: string,
    /** JetStream's `err_code`, for instance 10071; 0 when it gave none. */
    readonly apiCode = 0,
  ) {
    super(`${code}: ${detail}`);
  }
}

const ackSchema = z.object({
  stream: z.string().optional(),
  seq: z.number().optional(),
  duplicate: z.boolean().optional(),
  error: z
    .object({ code: z.number(), err_code: z.number().optional(), description: z.string().optional() })
    .optional(),
});

const NO_RESPONDERS = 503;

/** Publishes to streams with any number of acknowledgements outstanding, 4 to 5 times as fast as the client's own. */
export class AsyncPublisher {
  constructor(
    private readonly connection: NatsConnection,
    private readonly link: LinkState,
    private readonly replies: ReplyInbox,
  ) {}

  /** Resolves once the stream has stored the message. @throws PublishError */
  publish(subject: string, payload: Uint8Array, options: PublishOptions = {}): Promise<PublishAck> {
    return new Promise((resolve, reject) => {
      if (!this.link.connected) {
        reject(new PublishError('not-connected', subject));
        return;
      }
      const reply = this.replies.expect({
        take: (message) => {
          const answer = readAnswer(message);
          if (answer instanceof PublishError) reject(answer);
          else resolve(answer);
          return 'last';
        },
        lost: (reason) => reject(new PublishError('unknown-outcome', `${subject}: ${reason}`)),
      });
      try {
        this.connection.publish(subject, payload, { reply, ...headersOf(options) });
      } catch (error) {
        this.replies.forget(reply);
        reject(new PublishError('not-sendable', `${subject}: ${String(error)}`));
      }
    });
  }
}

function headersOf(options: PublishOptions): { headers?: MsgHdrs } {
  const { messageId, expectedLastSubjectSequence, expectationSubject, headers: extra } = options;
  if (messageId === undefined && expectedLastSubjectSequence === undefined && extra === undefined) return {};
  const headers = createHeaders();
  for (const [name, value] of Object.entries(extra ?? {})) headers.set(name, value);
  if (messageId !== undefined) headers.set('Nats-Msg-Id', messageId);
  if (expectedLastSubjectSequence !== undefined)
    headers.set('Nats-Expected-Last-Subject-Sequence', String(expectedLastSubjectSequence));
  if (expectationSubject !== undefined)
    headers.set('Nats-Expected-Last-Subject-Sequence-Subject', expectationSubject);
  return { headers };
}

function readAnswer(message: Msg): PublishAck | PublishError {
  if (message.headers?.code === NO_RESPONDERS) return new PublishError('no-stream', 'no stream answered');
  const parsed = ackSchema.safeParse(parseJson(message));
  if (!parsed.success) return new PublishError('unknown-outcome', 'the answer is no acknowledgement');
  const { stream, seq, duplicate, error } = parsed.data;
  if (error !== undefined)
    return new PublishError('rejected', error.description ?? `status ${error.code}`, error.err_code ?? 0);
  if (stream === undefined || seq === undefined)
    return new PublishError('unknown-outcome', 'the acknowledgement names no sequence');
  return { stream, sequence: seq, duplicate: duplicate ?? false };
}

function parseJson(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
