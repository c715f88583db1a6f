import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '#tools/embedded';
import { freePort } from '../machine/ports.js';
import { readStatus } from '../run/status-file.js';
import { applyOrder, AgentHouse, collectorOrder, until } from '../testing/agent-house.js';
import {
  Application,
  numbered,
  push,
  pushedSpec,
  specOrder,
  startNumberBackend,
  type NumberBackend,
} from '../testing/pushed.js';
import type { IngressStatus } from './ingress.js';

/** More of them by the environment: `PHOENIX_SWAPS=100`. */
const SWAPS = Number(process.env['PHOENIX_SWAPS'] ?? 20);

describe('data that applications push to a host', () => {
  let house: AgentHouse;
  let backend: NumberBackend;
  let agent: Service;
  let port: number;
  let generation = 0;
  /** The number of the next point; no number is used twice. */
  let next = 0;

  const order = async (...collectors: Parameters<typeof applyOrder>[1]): Promise<void> => {
    generation += 1;
    await house.handOver(applyOrder(generation, collectors));
    await house.reached(generation, 'effective');
  };
  const baseline = (limit = 200) => specOrder('baseline', pushedSpec(port, limit));
  const candidate = () => specOrder('candidate', pushedSpec(port, 300));
  /** Pushes so many points, each in a request of its own that must be taken. */
  const pushAll = async (count: number): Promise<readonly number[]> => {
    const all = Array.from({ length: count }, () => next++);
    for (const number of all) expect((await push(port, numbered(number))).status).toBe(200);
    return all;
  };
  const arrived = (all: readonly number[]): Promise<true> =>
    until(() => (all.every((number) => backend.numbers.includes(number)) ? true : undefined));
  const meteredOf = async (variant: string): Promise<number> =>
    (await house.windows())
      .flatMap(({ collectors }) => collectors)
      .filter((collector) => collector.variant === variant)
      .reduce((sum, { points }) => sum + points, 0);
  const status = async (): Promise<IngressStatus | undefined> =>
    (await readStatus(house.agentFolder))?.ingress?.find((one) => one.port === port);
  const pidOf = (variant: string): number =>
    [...house.collectors()].find(([instance]) => instance.startsWith(variant))?.[1].pid ?? 0;

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await startNumberBackend();
    port = await freePort();
    agent = await house.startAgent({ PHOENIX_BACKEND_OTLP: backend.url });
  });

  afterAll(async () => {
    await house.close();
    await backend.stop();
  });

  it('is refused for a while where no live collector takes it', async () => {
    await order(candidate());
    const response = await push(port, numbered(next++));

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.text()).toMatch(/^No live collector/);
  });

  it('reaches both variants, and the meter counts the same points for both', async () => {
    await order(baseline(), candidate());
    const before = [await meteredOf('baseline'), await meteredOf('candidate')];
    const all = await pushAll(50);
    await arrived(all);

    const grown = await until(async () => {
      const now = [await meteredOf('baseline'), await meteredOf('candidate')];
      const growth = now.map((points, index) => points - (before[index] ?? 0));
      return growth.every((points) => points >= all.length) ? growth : undefined;
    });
    expect(grown).toEqual([all.length, all.length]);
    expect(await until(async () => ((await status())?.copies === all.length ? status() : undefined))).toEqual(
      {
        ...{
          port,
          isWanted: true,
          isOpen: true,
          forwarded: all.length,
          accepted: all.length,
          copies: all.length,
        },
        ...{ dropped: 0, unavailable: 1 },
      },
    );
  });

  it('is answered by the live collector itself, and elsewhere with a sentence', async () => {
    const broken = await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"resourceMetrics": 7}',
    });
    expect(broken.status).toBe(400);
    const traces = await push(port, numbered(0), { path: '/v1/traces' });
    expect([traces.status, await traces.text()]).toEqual([404, 'Only metrics are taken here, no traces.\n']);
    expect((await push(port, numbered(0), { path: '/metrics' })).status).toBe(404);
    const huge = await push(port, numbered(0, 'x'.repeat(21 * 1024 * 1024)), { zip: false });
    expect(huge.status).toBe(413);
  });

  it('comes from JSON and unpacked as well', async () => {
    const number = next++;
    const point = { timeUnixNano: `${Date.now()}000000`, asInt: String(number) };
    const metrics = [{ name: 'app.numbered', gauge: { dataPoints: [point] } }];
    const response = await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    await arrived([number]);
  });

  it('does not wait for a shadow that stands still, and what that missed is counted', async () => {
    const dropped = (await status())?.dropped ?? 0;
    process.kill(pidOf('candidate'), 'SIGSTOP');
    let slowest = 0;
    const all: number[] = [];
    for (let request = 0; request < 400; request++) {
      const begun = Date.now();
      all.push(...(await pushAll(1)));
      slowest = Math.max(slowest, Date.now() - begun);
    }
    await arrived(all);
    const found = await until(async () => {
      const now = await status();
      // The status is written every few seconds, so the first one with a drop may not have them all.
      return now !== undefined && now.dropped - dropped >= 400 - 257 ? now : undefined;
    });
    process.kill(pidOf('candidate'), 'SIGCONT');

    // A client that waited for the shadow would have waited until its copy is given up, after five seconds.
    expect(slowest).toBeLessThan(4_000);
    expect(found.accepted).toBeGreaterThanOrEqual(found.copies - found.dropped);
  });

  it('reaches collectors that outlived their agent', async () => {
    const before = [pidOf('baseline'), pidOf('candidate')];
    await agent.kill();
    await expect(push(port, numbered(0))).rejects.toThrow();
    agent = await house.startAgent({ PHOENIX_BACKEND_OTLP: backend.url });
    await until(async () => {
      const response = await push(port, numbered(0)).catch(() => undefined);
      return response?.ok === true ? true : undefined;
    });
    const metered = [await meteredOf('baseline'), await meteredOf('candidate')];
    await arrived(await pushAll(20));

    expect([pidOf('baseline'), pidOf('candidate')]).toEqual(before);
    await until(async () => {
      const now = [await meteredOf('baseline'), await meteredOf('candidate')];
      return now.every((points, index) => points > (metered[index] ?? 0)) ? true : undefined;
    });
  });

  it('arrives exactly once, however often the live collector is replaced', async () => {
    const first = next;
    const application = new Application(port, first);
    for (let swap = 0; swap < SWAPS; swap++) await order(baseline(201 + swap), candidate());
    next = await application.stop();
    const all = Array.from({ length: next - first }, (_, index) => first + index);
    await arrived(all);
    await sleep(1_000);

    const times = new Map<number, number>();
    for (const number of backend.numbers) times.set(number, (times.get(number) ?? 0) + 1);
    expect(all.length).toBeGreaterThan(SWAPS * 10);
    expect(all.filter((number) => times.get(number) !== 1)).toEqual([]);
  });

  it('finds its port closed when nothing takes pushed data any more', async () => {
    await order(collectorOrder('baseline', 'baseline'));
    await until(async () =>
      (await push(port, numbered(0)).catch(() => undefined)) === undefined ? true : undefined,
    );
  });

  it('is no business of an order whose port another program has', async () => {
    const taken = Number(new URL(backend.url).port);
    generation += 1;
    await house.handOver(applyOrder(generation, [specOrder('baseline', pushedSpec(taken))]));
    expect((await house.reached(generation, 'failed')).reason).toContain(
      `port ${taken} of this host is taken by another program`,
    );
  });
});
