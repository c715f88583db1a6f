import type {
  Http2Server,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import { promisify } from 'node:util';
import { reasonOf } from '#lib/agent-core';
import { listen } from '../machine/listen.js';
import {
  admitted,
  CLOSING_MS,
  IDLE_CLIENT_MS,
  MAX_CONNECTIONS,
  REQUEST_BUDGET_MS,
  type Reading,
} from './admitted.js';
import type { DoorOptions, IngressDoor } from './door.js';
import { asMessage, MessageError, readMessage } from './grpc-message.js';
import { grpcCode, grpcTrailers, trailersOf } from './grpc-status.js';
import { isAccepted } from './pushed.js';
import type { Seat } from './room.js';

export type GrpcDoorOptions = DoorOptions & {
  /** The port by which the tee knows the pipeline that is pushed to here. */
  readonly pipeline: number;
};

/** What a call ends with; a message where all went well. */
type CallEnd = { readonly trailers: OutgoingHttpHeaders; readonly message?: Uint8Array };

/** As many as there may be under way on all doors together. */
const CALLS_OF_A_CLIENT = 64;
/** The code of HTTP/2 for a stream that nobody wants any more (RFC 9113, section 7). */
const CANCEL = 8;
const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const OTHER_SIGNAL = /^\/opentelemetry\.proto\.collector\.(trace|logs|profiles)\./;
/** How a message may be packed, so that every collector unpacks it. */
const PACKINGS: readonly string[] = ['identity', 'gzip'];
const ANSWER_HEADERS = {
  ...{ ':status': 200, 'content-type': 'application/grpc', 'grpc-accept-encoding': PACKINGS.join(',') },
};

/**
 * Takes OTLP over gRPC. It speaks HTTP/2 itself: a library hands a message over when it has all of it, while here
 * each piece needs room before it is kept, and a packed message stays packed. Listens on loopback only.
 * @throws Error `EADDRINUSE`, `EACCES`
 */
export async function openGrpcDoor(options: GrpcDoorOptions): Promise<IngressDoor> {
  // An agent without such a door and without collectors never loads it.
  const { createServer } = await import('node:http2');
  const server = createServer({ settings: { maxConcurrentStreams: CALLS_OF_A_CLIENT } });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(IDLE_CLIENT_MS, () => session.close());
  });
  // Who does not speak HTTP/2 is cut off by the server; there is nothing to answer.
  server.on('sessionError', (error) => tellBroken(options, error));
  server.on('stream', (stream, headers) => void serve(options, stream, headers));
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options.port);
  return { port: options.port, close: () => closed(server, sessions) };
}

async function closed(server: Http2Server, sessions: ReadonlySet<ServerHttp2Session>): Promise<void> {
  const done = promisify(server.close.bind(server))();
  for (const session of sessions) session.close();
  const patience = setTimeout(() => sessions.forEach((session) => session.destroy()), CLOSING_MS);
  await done;
  clearTimeout(patience);
}

async function serve(
  options: GrpcDoorOptions,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const slow = setTimeout(() => stream.close(CANCEL), REQUEST_BUDGET_MS);
  stream
    .once('end', () => clearTimeout(slow))
    .once('close', () => clearTimeout(slow))
    .on('error', (error) => tellBroken(options, error));
  try {
    if (isCall(headers)) tell(stream, await end(options, stream, headers));
    else stream.respond({ ':status': 415 }, { endStream: true });
  } catch (error) {
    tellBroken(options, error);
  }
  // A client that was refused may be sending still.
  if (!stream.readableEnded) stream.close();
}

/** How a call ends. @throws Error when the client went away: there is nobody to answer */
async function end(
  options: GrpcDoorOptions,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<CallEnd> {
  const encoding = headers['grpc-encoding'];
  const packing = typeof encoding === 'string' ? encoding : 'identity';
  const refusal = misdirected(headers[':path'] ?? '', packing);
  if (refusal !== undefined) return { trailers: trailersOf(grpcCode.unimplemented, refusal) };
  try {
    const read = (seat: Seat): Promise<Reading> => readMessage(stream, packing, seat);
    const answer = await admitted(options, options.pipeline, read);
    return { trailers: grpcTrailers(answer), ...(isAccepted(answer) && { message: answer.body }) };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { trailers: trailersOf(grpcCode.invalidArgument, error.message) };
  }
}

function isCall(headers: IncomingHttpHeaders): boolean {
  const isGrpc = headers['content-type']?.startsWith('application/grpc') === true;
  return isGrpc && headers[':method'] === 'POST';
}

function misdirected(path: string, packing: string): string | undefined {
  const signal = OTHER_SIGNAL.exec(path)?.[1];
  if (signal !== undefined) return `Only metrics are taken here, no ${signal}.`;
  if (path !== EXPORT) return `Metrics are taken at ${EXPORT}.`;
  return PACKINGS.includes(packing) ? undefined : `Messages are not taken as ${packing}.`;
}

function tell(stream: ServerHttp2Stream, { message, trailers }: CallEnd): void {
  if (stream.closed) return;
  if (message === undefined) {
    stream.respond({ ...ANSWER_HEADERS, ...trailers }, { endStream: true });
    return;
  }
  stream.respond(ANSWER_HEADERS, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(asMessage(message));
}

function tellBroken({ log, port }: GrpcDoorOptions, error: unknown): void {
  log.info({ port, reason: reasonOf(error) }, 'pushed request broken off');
}
