import { Client, compressionAlgorithms, credentials, status, type Metadata } from '@grpc/grpc-js';
import { systemClock } from '#lib/agent-core';
import { encodeMetrics, type MetricsData } from '#lib/otlp';
import { Application, numbered } from './pushed.js';

const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const PATIENCE_MS = 60_000;

/** How a call ended. */
export type CallEnd = {
  readonly code: status;
  readonly details: string;
  readonly trailers: Metadata;
  /** The message, where the call went well. */
  readonly answer?: Buffer;
};

/** The client of gRPC that applications on Node have. */
export class GrpcClient {
  private readonly client: Client;

  constructor(port: number, packing: 'none' | 'gzip' | 'deflate' = 'none') {
    const { deflate, gzip, identity } = compressionAlgorithms;
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': { none: identity, gzip, deflate }[packing],
      'grpc.max_send_message_length': -1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      // Another client of the same port has a connection of its own.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  push(data: MetricsData): Promise<CallEnd> {
    return this.call(METRICS, encodeMetrics(data));
  }

  /** One unary call with these bytes as its message. */
  call(path: string, message: Uint8Array): Promise<CallEnd> {
    const bytes = (content: Buffer): Buffer => content;
    return new Promise((resolve) => {
      const options = { deadline: systemClock.now() + PATIENCE_MS };
      let answer: Buffer | undefined;
      const call = this.client.makeUnaryRequest(
        ...([path, bytes, bytes, Buffer.from(message), options] as const),
        (_: unknown, content?: Buffer) => (answer = content),
      );
      call.once('status', ({ code, details, metadata }) =>
        // The status comes just before the callback is called.
        setImmediate(() => resolve({ code, details, trailers: metadata, ...(answer && { answer }) })),
      );
    });
  }

  close(): void {
    this.client.close();
  }
}

/** An application that pushes by gRPC, packed. */
export class GrpcApplication extends Application {
  private client: GrpcClient | undefined;

  override async stop(): Promise<number> {
    const next = await super.stop();
    this.client?.close();
    return next;
  }

  protected override async isTaken(number: number): Promise<boolean> {
    this.client ??= new GrpcClient(this.port, 'gzip');
    const { code, details } = await this.client.push(numbered(number));
    if (code !== status.OK && code !== status.UNAVAILABLE)
      throw new Error(`the ingress answered ${code}: ${details}`);
    return code === status.OK;
  }
}
