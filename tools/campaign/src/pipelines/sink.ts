import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeMetrics, type MetricsData } from '#lib/otlp';

/** Takes one request; `path` is what follows the name under which its sender was told the address. */
export type Take = (path: string, data: MetricsData) => void;

/** One OTLP/HTTP endpoint for many collectors, each under a name of its own. */
export interface Sink {
  /** The address for a new sender, whose requests are handed to `take`. */
  endpointFor(name: string, take: Take): string;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const takers = new Map<string, Take>();
  const server = createServer((request, response) => {
    void receive(request, takers).then(
      () => response.setHeader('content-type', 'application/x-protobuf').end(),
      () => response.writeHead(400).end(),
    );
  });
  // As the meter of an agent: closed between two scrapes, a connection would cost what is sent but once.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpointFor: (name, take) => {
      takers.set(name, take);
      return `http://127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function receive(request: IncomingMessage, takers: ReadonlyMap<string, Take>): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const [, name = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
  takers.get(name)?.(path, decodeMetrics(bytes));
}
