import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attributeValue, decodeMetrics, type MetricsData } from '#lib/otlp';
import { bodyOf } from './newest-backend.js';

/** One scrape as a backend got it: who was in it, and the time of its newest point, epoch milliseconds. */
export type RecordedScrape = { readonly executables: ReadonlySet<string>; readonly at: number };

/** A backend that remembers who was in each scrape; the pipelines here send each scrape as one request. */
export type RecordingBackend = {
  readonly url: string;
  readonly scrapes: readonly RecordedScrape[];
  stop(): Promise<void>;
};

export async function startRecordingBackend(): Promise<RecordingBackend> {
  const scrapes: RecordedScrape[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      scrapes.push(recorded(decodeMetrics(body)));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scrapes,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function recorded({ resourceMetrics }: MetricsData): RecordedScrape {
  const names = resourceMetrics.map(({ resource }) =>
    attributeValue(resource.attributes, 'process.executable.name'),
  );
  const times = resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ points }) => [...points].map(({ timeUnixNano }) => Number(timeUnixNano / 1_000_000n)));
  return {
    executables: new Set(names.filter((name) => typeof name === 'string')),
    at: Math.max(...times),
  };
}
