import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { reasonOf, type Log } from '#lib/agent-core';
import { MAX_REQUEST_BYTES } from '#lib/otlp';
import { listen } from '../machine/listen.js';
import {
  admitted,
  CLOSING_MS,
  IDLE_CLIENT_MS,
  MAX_CONNECTIONS,
  Pieces,
  REQUEST_BUDGET_MS,
  type House,
  type Reading,
} from './admitted.js';
import { sentence, type Answer } from './pushed.js';
import type { Seat } from './room.js';

export type DoorOptions = House & { readonly port: number; readonly log: Log };

/** A port that applications push to. */
export type IngressDoor = { readonly port: number; close(): Promise<void> };

/** Takes OTLP over HTTP. Listens on loopback only. @throws Error `EADDRINUSE`, `EACCES` */
export async function openIngressDoor(options: DoorOptions): Promise<IngressDoor> {
  const { log, port } = options;
  const server = createServer({ requestTimeout: REQUEST_BUDGET_MS }, (request, response) => {
    answered(options, request)
      .then((answer) => tell(request, response, answer))
      .catch((error: unknown) => {
        // The client went away before its request was whole: there is nobody to answer.
        log.info({ port, reason: reasonOf(error) }, 'pushed request broken off');
        response.destroy();
      });
  });
  server.keepAliveTimeout = IDLE_CLIENT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, port);
  return {
    port,
    close: async () => {
      const closed = promisify(server.close.bind(server))();
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
      await closed;
      clearTimeout(patience);
    },
  };
}

async function answered(options: DoorOptions, request: IncomingMessage): Promise<Answer> {
  const answer =
    misdirected(request) ?? (await admitted(options, options.port, (seat) => read(request, seat)));
  return request.complete ? answer : heardOut(request, answer);
}

/** Reads the rest of a request and forgets it: a client that is cut off while it sends never sees the answer. */
async function heardOut(request: IncomingMessage, answer: Answer): Promise<Answer> {
  let bytes = 0;
  await new Promise<void>((resolve) => {
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > 2 * MAX_REQUEST_BYTES) resolve();
    });
    request
      .once('end', resolve)
      .once('error', () => resolve())
      .once('close', resolve);
    if (request.complete) resolve();
    request.resume();
  });
  return answer;
}

function misdirected({ method, url = '' }: IncomingMessage): Answer | undefined {
  const path = url.split('?', 1)[0] ?? '';
  const signal = /^\/v1\/(traces|logs)$/.exec(path)?.[1];
  if (signal !== undefined) return sentence(404, `Only metrics are taken here, no ${signal}.`);
  if (path !== '/v1/metrics') return sentence(404, 'Metrics are taken at /v1/metrics.');
  if (method !== 'POST') return sentence(405, 'Metrics are pushed by POST.', { allow: 'POST' });
  return undefined;
}

/** The body in pieces, as far as it may be kept. */
async function read(request: IncomingMessage, seat: Seat): Promise<Reading> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) return 'too-large';
  const pieces = new Pieces(seat);
  let trouble: 'too-large' | 'no-room' | undefined;
  await new Promise<void>((resolve, reject) => {
    const keep = (piece: Buffer): void => {
      trouble = pieces.keep(piece);
      if (trouble === undefined) return;
      request.off('data', keep);
      resolve();
    };
    request.on('data', keep);
    request.once('end', resolve).once('error', reject).once('close', resolve);
  });
  if (trouble !== undefined) return trouble;
  if (!request.complete) throw new Error('the request ended early');
  return { headers: request.headers, body: pieces.body, bytes: pieces.bytes };
}

/** A request that was not read to its end leaves a connection on which nothing more can come. */
function tell(request: IncomingMessage, response: ServerResponse, { body, headers, status }: Answer): void {
  const length = { 'content-length': body.length };
  response.writeHead(status, { ...headers, ...length, ...(!request.complete && { connection: 'close' }) });
  response.end(body);
}
