import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeMetrics, type Attribute, type MetricsData } from '#lib/otlp';

/** A backend that knows the newest value of each series. */
export type NewestBackend = {
  readonly url: string;
  /** Requests so far; the pipelines here send each scrape as one. */
  scrapes(): number;
  /** Series of one executable with kind and value, sorted: equal for equal outputs. */
  of(executable: string): readonly string[];
  stop(): Promise<void>;
};

export async function startNewestBackend(): Promise<NewestBackend> {
  let scrapes = 0;
  let newest: ReadonlyMap<string, string> = new Map();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      newest = valuesOf(decodeMetrics(body));
      scrapes += 1;
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scrapes: () => scrapes,
    of: (executable) =>
      [...newest]
        .filter(([series]) => series.includes(JSON.stringify(`process.executable.name="${executable}"`)))
        .map((entry) => entry.join(' = '))
        .sort(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A series twice in one request would be one that was not merged, so it is told by its number. */
function valuesOf({ resourceMetrics }: MetricsData): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { resource, scopeMetrics } of resourceMetrics)
    for (const { scope, metrics } of scopeMetrics)
      for (const metric of metrics) {
        if (metric.type !== 'sum') throw new Error(`${metric.name} is no sum`);
        const { monotonic, name, temporality, unit } = metric;
        for (const point of metric.points) {
          const whole = [resource.attributes, point.attributes].map(canonical);
          const series = JSON.stringify([...whole, scope.name, name, unit, temporality, monotonic]);
          const again = values.has(series) ? ` again (${values.size})` : '';
          values.set(`${series}${again}`, `${typeof point.value} ${valueOf(point.value)}`);
        }
      }
  return values;
}

/** Sums of the same processes differ in their last bits when these were found in another order. */
function valueOf(value: number | bigint | null): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(12))) : String(value);
}

function canonical(attributes: readonly Attribute[]): readonly string[] {
  return attributes.map(({ key, value }) => `${key}=${textOf(value)}`).sort();
}

function textOf(value: Attribute['value']): string {
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}

/** What was sent, unpacked. */
export async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
