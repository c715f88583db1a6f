import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attributeValue, decodeMetrics, type MetricsData } from '#lib/otlp';
import { bodyOf } from './newest-backend.js';

/** One point of a page as a backend got it; NaN is the text `NaN`, and what was no longer there is `stale`. */
export type ReceivedPoint = {
  readonly target: string;
  /** The name with the labels, as on a page. */
  readonly series: string;
  readonly type: string;
  readonly value: string;
};

/** A backend that remembers each request, point by point; the pipelines here send a page as one. */
export type PageBackend = {
  readonly url: string;
  readonly requests: readonly (readonly ReceivedPoint[])[];
  stop(): Promise<void>;
};

export async function startPageBackend(): Promise<PageBackend> {
  const requests: (readonly ReceivedPoint[])[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      requests.push(pointsIn(decodeMetrics(body)));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const STALE = 1;

export function pointsIn({ resourceMetrics }: MetricsData): readonly ReceivedPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const target = textOf(attributeValue(resource.attributes, 'service.instance.id'));
    return scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ name, points, type }) =>
        [...points].map((point) => ({
          target,
          series: `${name}${labelsOf(point.attributes)}`,
          type,
          value: (point.flags & STALE) === STALE ? 'stale' : valueOf(point),
        })),
      );
  });
}

function labelsOf(attributes: Parameters<typeof attributeValue>[0]): string {
  const labels = attributes.map(({ key, value }) => `${key}="${textOf(value)}"`).sort();
  return labels.length === 0 ? '' : `{${labels.join(',')}}`;
}

/** A plain value, or what a histogram or a summary says of all that it has seen. */
function valueOf(point: object): string {
  if ('value' in point) return String(point.value);
  const { count, sum } = point as { readonly count: number; readonly sum: number | null };
  return `${count} in ${String(sum)}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}
