import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { scratchDirectory, spawnService } from '#tools/embedded';
import { freePort } from '../machine/ports.js';
import { until } from './agent-house.js';
import { push } from './pushed.js';

/** A collector of somebody else's, which takes OTLP by HTTP at `port` and hands it on by gRPC. */
export type GrpcCollector = { readonly port: number; stop(): Promise<void> };

/** Starts the real collector with its usual exporter, which packs, queues and comes again. @param endpoint host and port */
export async function startGrpcCollector(binary: string, endpoint: string): Promise<GrpcCollector> {
  const port = await freePort();
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: {
      otlp: {
        ...{ endpoint, tls: { insecure: true }, compression: 'gzip' },
        retry_on_failure: { initial_interval: '100ms', max_interval: '500ms', max_elapsed_time: '0s' },
      },
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: ['otlp'], exporters: ['otlp'] } },
    },
  };
  const dir = scratchDirectory();
  await writeFile(join(dir, 'config.yaml'), stringify(config));
  const service = await spawnService({
    ...{ name: 'sender', command: binary, args: ['--config', join(dir, 'config.yaml')] },
    output: { file: join(dir, 'log') },
  });
  const nothing = { resourceMetrics: [] };
  await until(async () =>
    (await push(port, nothing).catch(() => undefined))?.ok === true ? true : undefined,
  );
  return {
    port,
    stop: async () => {
      await service.stop(30_000);
      await rm(dir, { recursive: true });
    },
  };
}
