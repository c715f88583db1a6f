import {
  EPOCH_PATTERN,
  EXPERIMENT_HEADER,
  hostSubjects,
  OUTBOX_HEADERS,
  readHostJson,
  type HandOverReply,
  type Heartbeat,
  type Hello,
} from '#lib/agent-protocol';
import { ProblemError, PublishError, type Nats } from '#lib/platform';
import type { Caller } from './admission.js';

/** The part of NATS on which the door says what hosts say. */
export type RelayBus = Pick<Nats, 'connected' | 'send'> & {
  readonly publisher: Pick<Nats['publisher'], 'publish'>;
};

/** Headers of a request, by their names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Where the stream stored a message. */
export interface Stored {
  readonly sequence: number;
}

const TOO_LARGE = 10_054;
const KIND = /^[a-z][a-z-]{0,63}$/;
const EXPERIMENT = /^[\w-]{1,100}$/;

/**
 * Says on NATS what a host said over HTTP, on the host's own subjects and with the same headers. From there on nobody
 * can tell the doors apart: presence, orders and ingest are the same code, in whichever gateway they run.
 */
export class Relay {
  constructor(private readonly bus: RelayBus) {}

  hello(caller: Caller, hello: Hello): void {
    this.say(caller, subjectsOf(caller).hello, hello);
  }

  heartbeat(caller: Caller, heartbeat: Heartbeat): void {
    this.say(caller, subjectsOf(caller).heartbeat, heartbeat);
  }

  reply(caller: Caller, reply: HandOverReply): void {
    this.send(subjectsOf(caller).reply(reply.taskId), reply);
  }

  /** Resolves once UPLINK has it. What the body says is judged by the ingest, as for all doors. @throws ProblemError */
  result(caller: Caller, headers: RequestHeaders, body: Uint8Array): Promise<Stored> {
    const json = readHostJson(body);
    const kind = typeof json === 'object' && json !== null && 'kind' in json ? json.kind : undefined;
    if (typeof kind !== 'string' || !KIND.test(kind))
      throw invalid('kind', 'The body must be a JSON object with a `kind`.');
    return this.store(subjectsOf(caller).uplink(kind), body, numbersOf(headers, 'results'));
  }

  /** Resolves once METRICS has it. @throws ProblemError */
  metrics(caller: Caller, headers: RequestHeaders, body: Uint8Array): Promise<Stored> {
    const experiment = headers[EXPERIMENT_HEADER.toLowerCase()];
    if (experiment !== undefined && (typeof experiment !== 'string' || !EXPERIMENT.test(experiment)))
      throw invalid(EXPERIMENT_HEADER, 'The header names no experiment.');
    return this.store(subjectsOf(caller).metrics, body, {
      ...numbersOf(headers, 'metrics'),
      ...(experiment !== undefined && { [EXPERIMENT_HEADER]: experiment }),
    });
  }

  private say({ host }: Caller, subject: string, message: Hello | Heartbeat): void {
    if (message.host !== host)
      throw new ProblemError({
        status: 403,
        code: 'host-mismatch',
        detail: 'The body names another host than the credential.',
      });
    this.send(subject, message);
  }

  private send(subject: string, message: unknown): void {
    if (!this.bus.connected) throw notStored('The gateway has no link to the hub.');
    this.bus.send(subject, new TextEncoder().encode(JSON.stringify(message)));
  }

  private async store(
    subject: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<Stored> {
    try {
      const { sequence } = await this.bus.publisher.publish(subject, body, { headers });
      return { sequence };
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      if (error.apiCode === TOO_LARGE || error.code === 'not-sendable')
        throw new ProblemError({
          status: 413,
          code: 'body-too-large',
          detail: 'The message is larger than its stream takes.',
        });
      throw notStored('The message is not known to be stored.');
    }
  }
}

function subjectsOf({ tenant, host }: Caller) {
  return hostSubjects(tenant, host);
}

/** The place in the host's outbox, as the headers by which ingest knows a message that comes twice. */
function numbersOf(headers: RequestHeaders, lane: 'results' | 'metrics'): Readonly<Record<string, string>> {
  const epoch = headers[OUTBOX_HEADERS.epoch.toLowerCase()];
  const n = headers[OUTBOX_HEADERS.n.toLowerCase()];
  if (typeof epoch !== 'string' || !EPOCH_PATTERN.test(epoch))
    throw invalid(OUTBOX_HEADERS.epoch, 'The header must name an outbox.');
  if (typeof n !== 'string' || !/^[1-9]\d{0,15}$/.test(n) || !Number.isSafeInteger(Number(n)))
    throw invalid(OUTBOX_HEADERS.n, 'The header must be a number from 1.');
  return { [OUTBOX_HEADERS.epoch]: epoch, [OUTBOX_HEADERS.n]: n, [OUTBOX_HEADERS.lane]: lane };
}

function invalid(field: string, problem: string): ProblemError {
  return new ProblemError({
    status: 422,
    code: 'invalid-message',
    detail: problem,
    errors: [{ field, problems: [problem] }],
  });
}

function notStored(detail: string): ProblemError {
  return new ProblemError({ status: 503, code: 'not-stored', detail, hint: 'Send it again.' });
}
