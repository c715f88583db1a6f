import { resolveChromium } from './acquire/chromium.js';
import { resolveCollector, resolveCollectorWithPrometheus } from './acquire/collector.js';
import { resolveNatsServer } from './acquire/nats-server.js';
import { PartMissing, type FoundPart } from './acquire/part.js';
import { resolvePostgres } from './acquire/postgres-part.js';

/**
 * `npm run setup`: one line for each real part; fails when Phoenix cannot start without it. With `--with-prometheus`
 * also the larger collector and where it lies, for hosts that read pages of Prometheus. With `--for-tests` that one
 * and the browser, which nothing else needs.
 */
async function setup(): Promise<void> {
  await required('nats-server', resolveNatsServer);
  await required('postgres', resolvePostgres);
  const collector = await resolveCollector(say);
  if (collector.kind === 'collector') say(describe('otelcol', collector.part));
  else say(`otelcol      NONE: the agent uses its built-in fallback. ${collector.reason}`);
  const forTests = process.argv.includes('--for-tests');
  if (forTests || process.argv.includes('--with-prometheus')) await required('otelcol+prom', withPrometheus);
  if (forTests) await required('chromium', resolveChromium);
}

async function withPrometheus(log: (line: string) => void): Promise<FoundPart> {
  const part = await resolveCollectorWithPrometheus(log);
  log(`a host takes it by PHOENIX_OTELCOL=${part.path}`);
  return part;
}

async function required(
  name: string,
  resolve: (log: (line: string) => void) => Promise<FoundPart>,
): Promise<void> {
  try {
    say(describe(name, await resolve(say)));
  } catch (error) {
    if (!(error instanceof PartMissing)) throw error;
    say(`${name.padEnd(12)} MISSING: ${error.message}`);
    process.exitCode = 1;
  }
}

function describe(name: string, part: FoundPart): string {
  const size = part.bytes === 0 ? 'remote' : `${(part.bytes / 2 ** 20).toFixed(1)} MiB`;
  const columns = [
    name.padEnd(12),
    part.version.padEnd(15),
    `source ${part.source}`.padEnd(15),
    size.padStart(9),
  ];
  return `${columns.join(' ')}  cached ${part.cached ? 'yes' : 'no'}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await setup();
