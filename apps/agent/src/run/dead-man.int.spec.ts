import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attempt, CollectorOrder } from '#lib/agent-protocol';
import type { Service } from '#tools/embedded';
import { isRunning, type ProcessIdentity } from '../machine/proc.js';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';
import { misbehavingCollector, type MisbehavingCollector } from '../testing/misbehaving-collector.js';
import { readStatus } from './status-file.js';

const MEBIBYTE = 1024 * 1024;
/** From detection to the fallback in force, by the times in the ledger. */
const BOUND_MS = 10_000;

const baseline = collectorOrder('baseline', 'baseline');
/** Tight where the test breaks it, so that nobody waits for minutes. */
const candidate = collectorOrder('candidate', 'baseline', {
  limits: { memory: { rssBytes: 260 * MEBIBYTE, seconds: 2 }, silence: { intervals: 8, seconds: 8 } },
});
const promoted = collectorOrder('candidate', 'baseline', {
  role: 'live',
  limits: { drops: { percent: 50, seconds: 10 } },
});

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
    await until(async () => ((await depth()) >= 3 ? true : undefined));
    expect(house.collectors()).toEqual(before);
    await house.restoreLink();
    await until(async () => ((await depth()) === 0 ? true : undefined));

    expect(house.collectors()).toEqual(before);
    expect((await stages(order)).at(-1)).toBe('effective');
  }, 180_000);

  it('takes back a candidate whose memory grows, also while it is cut off, and reports it afterwards', async () => {
    await program.become('leaks');
    // Another pipeline than before, so that another process starts.
    const leaking = collectorOrder('candidate', 'topk', {
      ...{ parameters: { k: 400, minSecondsBetweenSwaps: 3600 }, limits: candidate.limits },
    });
    const order = await deploy(baseline, leaking);
    const kept = processOf('baseline');
    const guilty = processOf('candidate');
    await house.cutLink();
    await until(() => (guilty !== undefined && isRunning(guilty) ? undefined : true));
    await until(() => (variants().join() === 'baseline' ? true : undefined));
    await program.become('well');
    await house.restoreLink();
    const fellBack = await house.reached(order, 'fell-back');

    expect(await stages(order)).toEqual(['received', 'validated', 'applying', 'effective', 'fell-back']);
    expect(fellBack.reason).toMatch(/^candidate held \d+ MiB of memory, more than 260 MiB for 2 s$/);
    expect(fellBack.collectors).toEqual([{ variant: 'baseline', configHash: baseline.configHash }]);
    expect(delayOf(fellBack)).toBeLessThan(BOUND_MS);
    expect(processOf('baseline')).toEqual(kept);
  }, 240_000);

  it('takes back a candidate that stands still', async () => {
    const order = await deploy(baseline, candidate);
    const guilty = processOf('candidate');
    process.kill(guilty?.pid ?? 0, 'SIGSTOP');
    const fellBack = await house.reached(order, 'fell-back');

    expect(fellBack.reason).toMatch(/^candidate exported nothing for \d+ s, at an interval of 1 s$/);
    expect(delayOf(fellBack)).toBeLessThan(BOUND_MS);
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

    expect(fellBack.reason).toMatch(/^candidate lost \d+ % of the points at otlphttp\/destination for 10 s/);
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
    const greedy = collectorOrder('candidate', 'baseline', {
      limits: { memory: { rssBytes: 20 * MEBIBYTE, seconds: 1 } },
    });
    const before = house.collectors();
    generation += 1;
    await house.handOver(applyOrder(generation, [baseline, greedy]));
    const failed = await house.reached(generation, 'failed');

    expect(await stages(generation)).toEqual(['received', 'validated', 'applying', 'failed']);
    expect(failed.reason).toMatch(/^candidate held \d+ MiB of memory, more than 20 MiB for 1 s$/);
    expect(failed.detectedAt).toBeDefined();
    await until(() => (variants().join() === 'baseline' ? true : undefined));
    expect(house.collectors()).toEqual(before);
    expect(agent.exit()).toBeUndefined();
  }, 180_000);
});
