import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { scrape, type Shape } from './scrape.js';

/**
 * Stands where a collector stands and sends made-up processes wherever its configuration says, on its ticks, so that an
 * agent can be measured under a load that no machine needs to have. Understands what an agent asks of a collector.
 */

/** What a host with 5,000 series emits, and a candidate that keeps a fifth of it. */
export const shapes = {
  baseline: { processes: 250, metricsEach: 10, pointsEach: 2 },
  candidate: { processes: 50, metricsEach: 10, pointsEach: 2 },
} as const satisfies Readonly<Record<string, Shape>>;

interface Exporter {
  readonly endpoint?: string;
  readonly metrics_endpoint?: string;
  readonly compression: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Config {
  readonly receivers: Readonly<Record<string, { readonly collection_interval: string }>>;
  readonly exporters: Readonly<Record<string, Exporter>>;
}

async function main(args: readonly string[]): Promise<void> {
  const [command = ''] = args;
  if (command === '--version') process.stdout.write('synthetic version 1.0.0\n');
  else if (command.startsWith('--config=')) await run(command.slice('--config='.length));
  // `validate` has nothing to object to.
}

async function run(configPath: string): Promise<void> {
  const config = parse(readFileSync(configPath, 'utf8')) as Config;
  const exporters = Object.values(config.exporters);
  const variant = exporters.map(({ headers }) => headers?.['phoenix-variant']).find(Boolean);
  const shape = variant === 'candidate' ? shapes.candidate : shapes.baseline;
  const intervalMs =
    1000 * Number.parseInt(Object.values(config.receivers)[0]?.collection_interval ?? '', 10);
  for (;;) {
    await sleep(intervalMs - (Date.now() % intervalMs));
    const body = scrape(shape, Date.now());
    await Promise.all(exporters.map((exporter) => send(exporter, body)));
  }
}

async function send(exporter: Exporter, body: Uint8Array): Promise<void> {
  const isZipped = exporter.compression === 'gzip';
  const response = await fetch(exporter.metrics_endpoint ?? `${exporter.endpoint ?? ''}/v1/metrics`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      ...(isZipped && { 'content-encoding': 'gzip' }),
      ...Object.fromEntries(
        Object.entries(exporter.headers ?? {}).map(([name, value]) => [name, fromEnvironment(value)]),
      ),
    },
    body: isZipped ? gzipSync(body) : body,
  });
  await response.arrayBuffer();
  if (!response.ok) process.stderr.write(`refused with ${response.status}\n`);
}

/** Replaces `${env:NAME}`, as a collector does. */
function fromEnvironment(text: string): string {
  return text.replaceAll(/\$\{env:([^}]+)\}/g, (_, name: string) => process.env[name] ?? '');
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
