import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { createPointReader } from './read-points.js';

/** What a customer's backend would have received. */
export interface BackendCount {
  readonly points: number;
  /** Points that arrived although the same series had already delivered a point of the same time. */
  readonly repeated: number;
}

export interface CountingBackend {
  readonly url: string;
  count(): BackendCount;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** An OTLP/HTTP backend on loopback that counts points and notices each one that was sent twice. */
export async function startCountingBackend(): Promise<CountingBackend> {
  const readPoints = createPointReader();
  const newest = new Map<string, number>();
  let points = 0;
  let repeated = 0;
  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        readPoints(body, (series, time) => {
          points += 1;
          if ((newest.get(series) ?? -1) >= time) repeated += 1;
          else newest.set(series, time);
        });
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => ({ points, repeated }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('body too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
