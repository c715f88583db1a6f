import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { attributeValue, decodeMetrics, type Attribute, type MetricsData } from '#lib/otlp';

/** One data point as it arrived: which series by a key of its own making, when, and of which executable. */
export interface ArrivedPoint {
  readonly series: string;
  readonly executable: string;
  readonly timeUnixNano: bigint;
  readonly arrivedAt: number;
}

export interface RecordingBackend {
  readonly url: string;
  readonly points: readonly ArrivedPoint[];
  stop(): Promise<void>;
}

/**
 * A vendor's backend that keeps every point. It names series by the canonical JSON of all that makes a series, from
 * the decoded model: nothing here is shared with the meter's hashes and sketches, which it is there to check.
 */
export async function startRecordingBackend(): Promise<RecordingBackend> {
  const points: ArrivedPoint[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      record(decodeMetrics(body), points);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    points,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function record(data: MetricsData, points: ArrivedPoint[]): void {
  const arrivedAt = Date.now();
  for (const { resource, scopeMetrics } of data.resourceMetrics) {
    const name = attributeValue(resource.attributes, 'process.executable.name');
    const executable = typeof name === 'string' ? name : '';
    for (const { scope, metrics } of scopeMetrics)
      for (const metric of metrics)
        for (const { attributes, timeUnixNano } of metric.points) {
          const shape = metric.type === 'sum' ? [metric.temporality, metric.monotonic] : [];
          const whole = [resource.attributes, scope.name, scope.version, scope.attributes].map(canonical);
          const series = JSON.stringify([
            ...whole,
            metric.name,
            metric.type,
            ...shape,
            canonical(attributes),
          ]);
          points.push({ series, executable, timeUnixNano, arrivedAt });
        }
  }
}

/** Attributes in an order of their own, integers told from floating point numbers. */
function canonical(part: string | readonly Attribute[]): string {
  if (typeof part === 'string') return part;
  const sorted = [...part].sort((a, b) => (a.key < b.key ? -1 : 1));
  return JSON.stringify(sorted, (_key, value: unknown) =>
    typeof value === 'bigint' ? `int ${value.toString()}` : value,
  );
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
