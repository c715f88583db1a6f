import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { decodeMetrics, type MetricsData } from '#lib/otlp';
import { unpackSnappy } from './snappy.js';

/** A request as a vendor gets it: the body as it came, so that whoever looks at it must unpack it. */
export type VendorRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** A real HTTP endpoint on loopback, or one of gRPC, that takes anything and keeps it. */
export type VendorEndpoint = {
  readonly url: string;
  readonly at: (path: string) => readonly VendorRequest[];
  readonly stop: () => Promise<void>;
};

export async function startVendorEndpoint(): Promise<VendorEndpoint> {
  const requests: VendorRequest[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      response.end();
    });
  });
  return endpointOf(server, requests, () => server.closeAllConnections());
}

/** Unary calls of gRPC over HTTP/2 in clear: one message with a prefix of five bytes, the status in the trailers. */
export async function startGrpcEndpoint(): Promise<VendorEndpoint> {
  const requests: VendorRequest[] = [];
  const streams = new Set<ServerHttp2Stream>();
  const server: Http2Server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    streams.add(stream);
    void bodyOf(stream).then((body) => {
      requests.push({ path: String(headers[':path']), headers, body });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    });
  });
  return endpointOf(server, requests, () => {
    for (const { session } of streams) session?.destroy();
  });
}

/** The metrics of an OTLP request, of either transport, unpacked as its headers say. */
export function otlpOf({ body, headers }: VendorRequest): MetricsData {
  if (headers['content-type'] !== 'application/grpc')
    return decodeMetrics(unpack(body, headers['content-encoding']));
  const length = body.readUInt32BE(1);
  if (length !== body.length - 5) throw new Error('not exactly one gRPC message');
  const message = body.subarray(5);
  return decodeMetrics(body[0] === 1 ? unpack(message, String(headers['grpc-encoding'])) : message);
}

export type WrittenSeries = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly value: number; readonly timestamp: number }[];
};

/** What Prometheus remote write 1.0 carries (prometheus/prompb/remote.proto and types.proto). */
const { root: writeRequestRoot } = protobuf.parse(`syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }`);

/** The series of a request of Prometheus remote write. @throws Error where it is not one block of Snappy */
export function seriesOfWrite({ body }: VendorRequest): readonly WrittenSeries[] {
  const type = writeRequestRoot.lookupType('WriteRequest');
  const { timeseries = [] } = type.toObject(type.decode(unpackSnappy(body)), {
    longs: Number,
    defaults: true,
  }) as {
    readonly timeseries?: readonly {
      readonly labels: readonly { readonly name: string; readonly value: string }[];
      readonly samples?: WrittenSeries['samples'];
    }[];
  };
  return timeseries.map(({ labels, samples = [] }) => ({
    labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    samples,
  }));
}

function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding === 'gzip') return gunzipSync(body);
  throw new Error(`packed with ${encoding}`);
}

async function endpointOf(
  server: Server,
  requests: readonly VendorRequest[],
  closeAll: () => void,
): Promise<VendorEndpoint> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    at: (path) => requests.filter((request) => request.path === path),
    stop: async () => {
      closeAll();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage | ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
