import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMetrics, type MetricsData } from '#lib/otlp';
import { processMetricNames, renderForHost, renderPipeline, scrapeDelay } from '#lib/pipelines';
import { resolveCollector } from '#tools/embedded';
import { scrapeProcesses } from '../builtin/scrape-processes.js';
import { freePort } from '../machine/ports.js';
import { collectorPrivileges, type Privileges } from './privileges.js';

const rendered = renderPipeline({
  ...{ template: 'baseline', parameters: { intervalSeconds: 1 } },
  ...{ host: { id: 'h1', labels: {} }, criticalProcesses: [] },
});

const full: Privileges = { prefix: [], uid: undefined, description: '' };

/** The attributes of each process, and its metrics with the number of their points. */
function seen(data: MetricsData): ReadonlyMap<string, readonly string[]> {
  return new Map(
    data.resourceMetrics.map(({ resource, scopeMetrics }) => {
      const attributes = resource.attributes.filter(({ key }) => key.startsWith('process.'));
      // Some programs rewrite their command line as they go, as a database does between two looks.
      const texts = attributes.map(({ key, value }) =>
        typeof value === 'object' || key.startsWith('process.command') ? key : `${key} ${value}`,
      );
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics);
      const key = texts.filter((text) => /^process\.(pid|executable\.name) /.test(text)).join();
      return [key, [...texts, ...metrics.map(({ name, points }) => `${name} x${points.length}`)].sort()];
    }),
  );
}

/**
 * What each look at the machine saw of the processes that stayed as they were: those that the same eyes saw alike
 * before and after the other look. A process may end or lose its parent at any time, and threads of the kernel
 * change their names to and fro.
 */
function common(before: MetricsData, between: MetricsData, after: MetricsData) {
  const [first, other, last] = [seen(before), seen(between), seen(after)];
  const isSame = (key: string): boolean => String(first.get(key)) === String(last.get(key));
  const stayed = [...first].filter(([key]) => other.has(key) && isSame(key)).sort();
  return { own: stayed, other: stayed.map(([key]) => [key, other.get(key)]) };
}

describe('what a collector sees of other processes', () => {
  let folder: string;
  let server: Server;
  let program: string;
  const received: MetricsData[] = [];
  const children: ChildProcess[] = [];

  async function look(privileges: Privileges, name: string): Promise<MetricsData> {
    const { port } = server.address() as AddressInfo;
    const config = join(folder, `${name}.yaml`);
    const endpoint = `http://127.0.0.1:${port}`;
    const binding = { meterEndpoint: endpoint, meterTokenEnv: 'TOKEN', telemetryPort: await freePort() };
    await writeFile(
      config,
      renderForHost(rendered, { variant: 'baseline', destination: { kind: 'none' }, ...binding }),
    );
    const [command, ...args] = [...privileges.prefix, program, `--config=${config}`];
    const env = { PATH: '/usr/bin:/bin', TOKEN: 'x', PHOENIX_SCRAPE_DELAY: scrapeDelay(Date.now(), 1) };
    received.length = 0;
    const child = spawn(command, args, { stdio: 'ignore', env });
    children.push(child);
    await once(server, 'looked');
    child.kill('SIGKILL');
    const [first] = received;
    if (first === undefined) throw new Error('nothing was received');
    return first;
  }

  beforeAll(async () => {
    const collector = await resolveCollector(() => undefined);
    if (collector.kind === 'none') throw new Error(collector.reason);
    program = collector.part.path;
    folder = await mkdtemp(join(tmpdir(), 'privileges-'));
    await chmod(folder, 0o755);
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push(decodeMetrics(Buffer.concat(chunks)));
        response.end();
        server.emit('looked');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  it("is the same with the agent's privileges for collectors as with the agent's own", async () => {
    const before = await look(full, 'before');
    const between = await look(await collectorPrivileges(), 'less');
    const { other, own } = common(before, between, await look(full, 'after'));

    expect(own.length).toBeGreaterThan(5);
    expect(other).toEqual(own);
  });

  it('is the same as what the built-in scraper sees', async () => {
    const before = await look(full, 'first');
    const between = scrapeProcesses(processMetricNames, Date.now());
    const { other, own } = common(before, between, await look(full, 'second'));

    expect(own.length).toBeGreaterThan(5);
    expect(other).toEqual(own);
  });
});
