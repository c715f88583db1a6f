import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { systemClock } from '#lib/agent-core';
import type { CollectorOrder } from '#lib/agent-protocol';
import { decodeMetrics, encodeMetrics, type MetricsData } from '#lib/otlp';
import { renderPipeline, type PipelineSpec } from '#lib/pipelines';
import { HOST } from './agent-house.js';
import { bodyOf } from './newest-backend.js';

const NAME = 'app.numbered';

/** A pipeline that hands on what applications push to a port; each limit gives another one that does the same. */
export function pushedSpec(port: number, limitMebibytes = 200, grpcPort?: number): PipelineSpec {
  return {
    source: { kind: 'otlp', port, intervalSeconds: 1, ...(grpcPort !== undefined && { grpcPort }) },
    processors: [
      { kind: 'memoryLimiter', limitMebibytes },
      { kind: 'identifyHost' },
      { kind: 'batch', timeoutMilliseconds: 100, points: 1000 },
    ],
    destination: { ref: 'default' },
  };
}

/** A specification as an order for this host. */
export function specOrder(
  variant: CollectorOrder['variant'],
  spec: PipelineSpec,
  role: CollectorOrder['role'] = variant === 'baseline' ? 'live' : 'shadow',
): CollectorOrder {
  const rendered = renderPipeline({ spec, host: { id: HOST, labels: {} }, criticalProcesses: [] });
  return { variant, role, configHash: rendered.hash, rendered };
}

/** An export with one point of this number, taken now. */
export function numbered(number: number, padding = ''): MetricsData {
  const point = {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: BigInt(systemClock.now()) * 1_000_000n,
    ...{ flags: 0, value: BigInt(number), exemplars: [] },
  };
  const words = { name: NAME, description: padding, unit: '1', metadata: [] };
  const scope = { name: 'test', version: '', attributes: [], droppedAttributesCount: 0 };
  const metrics = [{ ...words, type: 'gauge' as const, points: [point] }];
  const resource = {
    attributes: [{ key: 'service.name', value: 'shop' }],
    droppedAttributesCount: 0,
  };
  return {
    resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope, schemaUrl: '', metrics }] }],
  };
}

/** One request of an exporter. @throws TypeError where nobody listens */
export function push(
  port: number,
  data: MetricsData,
  options: { readonly zip?: boolean; readonly path?: string } = {},
): Promise<Response> {
  const { path = '/v1/metrics', zip = true } = options;
  const body = encodeMetrics(data);
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      ...(zip && { 'content-encoding': 'gzip' }),
    },
    body: new Uint8Array(zip ? gzipSync(body) : body),
    signal: AbortSignal.timeout(60_000),
  });
}

const RETRY_MS = 100;

/** An application that pushes numbers one after another and, as OTLP asks, comes again when it is told to. */
export class Application {
  /** Numbers that were taken, and requests that were to be sent again. */
  pushed = 0;
  retries = 0;
  private isOver = false;
  private readonly work: Promise<void>;

  constructor(
    protected readonly port: number,
    private readonly first: number,
    private readonly pauseMs = 5,
  ) {
    this.work = this.run();
  }

  /** Resolves with the number after the last one, when that was taken. */
  async stop(): Promise<number> {
    this.isOver = true;
    await this.work;
    return this.first + this.pushed;
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      await this.pushOne(this.first + this.pushed);
      this.pushed += 1;
      await sleep(this.pauseMs);
    }
  }

  /** True when it was taken, false when it is to be sent again. */
  protected async isTaken(number: number): Promise<boolean> {
    const response = await push(this.port, numbered(number));
    await response.arrayBuffer();
    if (!response.ok && response.status !== 503) throw new Error(`the ingress answered ${response.status}`);
    return response.ok;
  }

  private async pushOne(number: number): Promise<void> {
    while (!(await this.isTaken(number))) {
      this.retries += 1;
      await sleep(RETRY_MS);
    }
  }
}

/** A backend that remembers every number as often as it came. */
export type NumberBackend = {
  readonly url: string;
  readonly numbers: readonly number[];
  stop(): Promise<void>;
};

export async function startNumberBackend(): Promise<NumberBackend> {
  const numbers: number[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      numbers.push(...numbersOf(decodeMetrics(body)));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    numbers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function numbersOf({ resourceMetrics }: MetricsData): readonly number[] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .filter(({ name }) => name === NAME)
    .flatMap(({ points }) => [...points] as readonly { readonly value: unknown }[])
    .map(({ value }) => Number(value));
}
