import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse, stringify } from 'yaml';
import type { Attempt, CollectorOrder } from '#lib/agent-protocol';
import { pipelineHash } from '#lib/pipelines';
import type { Service } from '#tools/embedded';
import type { ProcessIdentity } from '../machine/proc.js';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';
import { misbehavingCollector, type MisbehavingCollector } from '../testing/misbehaving-collector.js';
import { readStatus } from './status-file.js';

const MEBIBYTE = 1024 * 1024;
/** From detection to the fallback in force, by the times in the ledger. */
const BOUND_MS = 10_000;

const baseline = collectorOrder('baseline', 'baseline');
/** Tight where the test breaks it, so that nobody waits for minutes. */
const candidate = collectorOrder('candidate', 'baseline', {
  limits: { memory: { rssBytes: 225 * MEBIBYTE, seconds: 2 }, silence: { intervals: 8, seconds: 8 } },
});
const promoted = collectorOrder('candidate', 'baseline', {
  role: 'live',
  limits: { drops: { percent: 50, seconds: 10 } },
});

/** The same pipeline, which asks for some megabytes per scrape and needs none of them a moment later. */
function wasteful(order: CollectorOrder): CollectorOrder {
  const rendered = order.rendered as { readonly yaml: string };
  const config = parse(rendered.yaml) as {
    processors: Record<string, unknown>;
    service: { pipelines: { metrics: { processors: string[] } } };
  };
  const statements = [
    `set(attributes["waste"], ConvertCase("${'waste '.repeat(1300)}", "upper"))`,
    'delete_key(attributes, "waste")',
  ];
  config.processors['transform/waste'] = { metric_statements: [{ context: 'datapoint', statements }] };
  config.service.pipelines.metrics.processors.splice(1, 0, 'transform/waste');
  const yaml = stringify(config);
  const hash = pipelineHash(yaml, undefined);
  return { ...order, configHash: hash, rendered: { ...rendered, yaml, hash } };
}

function refusingBackend(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(503, { 'retry-after': '60' }).end());
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** How long the host was in the hands of what it had found broken, by the ledger. */
function delayOf({ at, detectedAt }: Attempt): number {
  return Date.parse(at) - Date.parse(detectedAt ?? '');
}

describe('the dead man on a host with collectors that misbehave', () => {
  let house: AgentHouse;
  let agent: Service;
  let backend: Server;
  let program: MisbehavingCollector;
  let generation = 0;

  const processOf = (variant: string): ProcessIdentity | undefined =>
    [...house.collectors()].find(([instance]) => instance.startsWith(variant))?.[1];
  const variants = (): readonly string[] =>
    [...house.collectors().keys()].map((instance) => instance.split('-', 1)[0] ?? '').sort();
  const stages = async (of: number): Promise<readonly string[]> =>
    (await house.attempts(of)).map(({ stage }) => stage);

  /** Brings the host to these collectors. */
  async function deploy(...collectors: readonly CollectorOrder[]): Promise<number> {
    generation += 1;
    await house.handOver(applyOrder(generation, collectors));
    await house.reached(generation, 'effective');
    return generation;
  }

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await refusingBackend();
    program = await misbehavingCollector(await house.folder('program'), house.otelcol);
    agent = await house.startAgent({
      PHOENIX_OTELCOL: program.path,
      PHOENIX_BACKEND_OTLP: `http://127.0.0.1:${(backend.address() as AddressInfo).port}`,
    });
  });

  afterAll(async () => {
    await house.close();
    backend.closeAllConnections();
    backend.close();
  });

  it('does nothing on a healthy host that is only cut off', async () => {
    const order = await deploy(baseline, candidate);
    const before = house.collectors();
    const depth = async (): Promise<number> => (await readStatus(house.agentFolder))?.outbox.metrics ?? 0;
    await house.cutLink();
    // Each window that waits is ten seconds in which a guardrail could have thought of the link.
    await until(async () => ((await depth()) >= 2 ? true : undefined));
    expect(house.collectors()).toEqual(before);
    await house.restoreLink();
    await until(async () => ((await depth()) === 0 ? true : undefined));

    expect(house.collectors()).toEqual(before);
    expect((await stages(order)).at(-1)).toBe('effective');
  }, 180_000);

  it('takes back a candidate whose memory grows', async () => {
    await program.become('leaks');
    const order = await deploy(baseline, wasteful(candidate));
    const kept = processOf('baseline');
    const fellBack = await house.reached(order, 'fell-back');
    await program.become('well');

    expect(await stages(order)).toEqual(['received', 'validated', 'applying', 'effective', 'fell-back']);
    expect(fellBack.reason).toMatch(/^candidate held \d+ MiB of memory, more than 225 MiB for 2 s$/);
    expect(fellBack.collectors).toEqual([{ variant: 'baseline', configHash: baseline.configHash }]);
    expect(delayOf(fellBack)).toBeLessThan(BOUND_MS);
    expect(variants()).toEqual(['baseline']);
    expect(processOf('baseline')).toEqual(kept);
  }, 240_000);

  it('takes back a candidate that stands still while the host is cut off, and reports it afterwards', async () => {
    const order = await deploy(baseline, candidate);
    await house.cutLink();
    const cutAt = new Date().toISOString();
    const guilty = await until(() => processOf('candidate'));
    process.kill(guilty.pid, 'SIGSTOP');
    await until(() => (variants().join() === 'baseline' ? true : undefined));
    const backAt = new Date().toISOString();
    await house.restoreLink();
    const fellBack = await house.reached(order, 'fell-back');

    expect(fellBack.reason).toMatch(/^candidate exported nothing for \d+ s, at an interval of 1 s$/);
    expect(await stages(order)).toEqual(['received', 'validated', 'applying', 'effective', 'fell-back']);
    expect(delayOf(fellBack)).toBeLessThan(BOUND_MS);
    expect([cutAt, fellBack.detectedAt, backAt].sort()).toEqual([cutAt, fellBack.detectedAt, backAt]);
    expect(variants()).toEqual(['baseline']);
  }, 180_000);

  it('takes back a candidate that ends again and again', async () => {
    const order = await deploy(baseline, candidate);
    await program.killThemselves(true);
    const fellBack = await house.reached(order, 'fell-back');
    await program.killThemselves(false);

    expect(fellBack.reason).toMatch(/^candidate ended 4 times within two minutes/);
    expect(delayOf(fellBack)).toBeLessThan(BOUND_MS);
    expect(variants()).toEqual(['baseline']);
  }, 180_000);

  it('returns a promoted host to what fed the backend before, when nothing gets through any more', async () => {
    await deploy(baseline);
    await program.become('tiny-queue');
    const order = await deploy(promoted);
    expect(variants()).toEqual(['candidate']);
    const fellBack = await house.reached(order, 'fell-back');

    expect(fellBack.reason).toMatch(/^candidate lost \d+ % of the data at otlphttp\/destination for 10 s/);
    expect(fellBack.collectors).toEqual([{ variant: 'baseline', configHash: baseline.configHash }]);
    expect(delayOf(fellBack)).toBeLessThan(BOUND_MS);
    expect(variants()).toEqual(['baseline']);
    await until(async () =>
      (await house.nextHeartbeat()).collectors.some(
        ({ state, variant }) => `${variant} ${state}` === 'baseline running',
      )
        ? true
        : undefined,
    );
  }, 240_000);

  it('does not let an order become effective whose candidate breaks a limit on the way', async () => {
    await program.become('well');
    await deploy(baseline, candidate);
    const before = house.collectors();
    // The old candidate stays for one interval beside the new one, in which the limit is broken.
    const greedy = collectorOrder('candidate', 'baseline', {
      parameters: { intervalSeconds: 10 },
      limits: { memory: { rssBytes: 20 * MEBIBYTE, seconds: 1 } },
    });
    generation += 1;
    await house.handOver(applyOrder(generation, [baseline, greedy]));
    const failed = await house.reached(generation, 'failed');

    expect(await stages(generation)).toEqual(['received', 'validated', 'applying', 'failed']);
    expect(failed.reason).toMatch(/^candidate held \d+ MiB of memory, more than 20 MiB for 1 s$/);
    expect(delayOf(failed)).toBeLessThan(BOUND_MS);
    await until(() => (variants().length === 2 ? true : undefined));
    expect(house.collectors()).toEqual(before);
    expect(agent.exit()).toBeUndefined();
  }, 180_000);
});
