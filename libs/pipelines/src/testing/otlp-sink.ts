import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeMetrics, type MetricsData } from '#lib/otlp';

export type ReceivedRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly data: MetricsData;
};

/** A real OTLP/HTTP endpoint on loopback that keeps what it is sent. */
export type OtlpSink = {
  readonly endpoint: string;
  readonly requests: readonly ReceivedRequest[];
  /** What came to one path, in order. */
  readonly at: (path: string) => readonly MetricsData[];
  /** Resolves once the condition holds; it is checked after every request. */
  readonly until: (condition: () => boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export async function startOtlpSink(): Promise<OtlpSink> {
  const requests: ReceivedRequest[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void receive(request).then((received) => {
      requests.push(received);
      response.setHeader('content-type', 'application/x-protobuf').end();
      for (const check of waiting) check();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    at: (path) => requests.filter((request) => request.path === path).map(({ data }) => data),
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return { path: request.url ?? '', headers: request.headers, data: decodeMetrics(bytes) };
}
