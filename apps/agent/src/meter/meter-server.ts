import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { reasonOf, type Log } from '#lib/agent-core';
import { MAX_REQUEST_BYTES, OtlpDecodeError } from '#lib/otlp';
import { rankingTapPath } from '#lib/pipelines';
import { listen } from '../machine/listen.js';
import type { ExportRequest, Metering } from './metering.js';

const unzip = promisify(gunzip);

/** The meter's loopback door, and the sink of shadows beside it. */
export interface MeterServer {
  readonly port: number;
  /** Base address for exporters. */
  readonly endpoint: string;
  /** Where a shadow's data ends: taken like a backend would, and thrown away. */
  sinkEndpoint(token: string): string;
  close(): Promise<void>;
}

const SINK_PREFIX = '/sink/';

/**
 * Listens on `wantedPort` where it is free, so that collectors which outlived an agent find the next one; on any
 * other port else. Only requests with the token of an admitted collector are read.
 */
export async function startMeterServer(
  metering: Metering,
  wantedPort: number,
  log: Log,
): Promise<MeterServer> {
  const server = createServer((request, response) => {
    handle(metering, request)
      .then((status) => answer(response, status))
      .catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, 'meter request failed');
        answer(response, 400);
      });
  });
  server.keepAliveTimeout = 120_000;
  await listen(server, wantedPort).catch(() => listen(server, 0));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    port,
    endpoint,
    sinkEndpoint: (token) => `${endpoint}${SINK_PREFIX}${token}`,
    close: async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

/** @returns the HTTP status */
async function handle(metering: Metering, request: IncomingMessage): Promise<number> {
  const path = request.url ?? '';
  const token = tokenOf(request, path);
  if (request.method !== 'POST') return 405;
  if (!metering.knows(token)) return 401;
  const wire = await bodyOf(request);
  if (wire === undefined) return 413;
  if (path.startsWith(SINK_PREFIX)) return 200;
  const isZipped = request.headers['content-encoding'] === 'gzip';
  const body = isZipped ? await unzip(wire, { maxOutputLength: MAX_REQUEST_BYTES }) : wire;
  return take(metering, path, token, { body, wireBytes: wire.length });
}

/** 400 tells the collector not to send the same again. */
function take(metering: Metering, path: string, token: string, request: ExportRequest): number {
  try {
    if (path === '/v1/metrics') metering.record(token, request);
    else if (path === rankingTapPath) metering.tap(token, request.body);
    else return 404;
    return 200;
  } catch (error) {
    if (error instanceof OtlpDecodeError) return 400;
    throw error;
  }
}

/** A sink's exporter has the form of a backend's, without headers of ours, so its token stands in the path. */
function tokenOf(request: IncomingMessage, path: string): string {
  if (path.startsWith(SINK_PREFIX)) return path.slice(SINK_PREFIX.length).split('/', 1)[0] ?? '';
  return request.headers.authorization?.replace(/^Bearer /, '') ?? '';
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** An empty body is a complete `ExportMetricsServiceResponse`. */
function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
}
