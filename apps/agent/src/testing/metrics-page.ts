import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#lib/agent-core';

/** What a target answers: a page, a page that breaks off in the middle, or a status without one. */
export type PageAnswer =
  | { readonly kind: 'page'; readonly text: string }
  | { readonly kind: 'broken'; readonly text: string }
  | { readonly kind: 'status'; readonly status: number };

/** A target whose page of metrics is scraped. */
export type MetricsPage = {
  /** `host:port` */
  readonly target: string;
  /** Each time that it was asked: when, ms since the epoch, and from which port; a collector keeps its connection. */
  readonly scrapes: readonly { readonly at: number; readonly port: number }[];
  /** From now on it answers this. */
  show(answer: PageAnswer): void;
  stop(): Promise<void>;
};

export async function startMetricsPage(text: string): Promise<MetricsPage> {
  let shown: PageAnswer = { kind: 'page', text };
  const scrapes: { at: number; port: number }[] = [];
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    scrapes.push({ at: systemClock.now(), port: request.socket.remotePort ?? 0 });
    answer(response, shown);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    scrapes,
    show: (next) => (shown = next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, shown: PageAnswer): void {
  if (shown.kind === 'status') return void response.writeHead(shown.status).end('no page');
  const body = Buffer.from(shown.text);
  const headers = {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': body.length,
  };
  response.writeHead(200, headers);
  if (shown.kind === 'page') return void response.end(body);
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
}
