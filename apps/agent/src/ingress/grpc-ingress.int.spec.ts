import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { encodeMetrics } from '#lib/otlp';
import { bundleAgent } from '#tools/agent-file';
import { freePort } from '../machine/ports.js';
import { readStatus } from '../run/status-file.js';
import { AgentHouse, applyOrder, collectorOrder, until } from '../testing/agent-house.js';
import { startGrpcCollector } from '../testing/grpc-collector.js';
import { GrpcApplication, GrpcClient } from '../testing/grpc-client.js';
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
const SWAPS = Number(process.env['PHOENIX_SWAPS'] ?? 5);

describe('data that applications push to a host by gRPC', () => {
  let house: AgentHouse;
  let backend: NumberBackend;
  let port: number;
  let grpcPort: number;
  let client: GrpcClient;
  let generation = 0;
  /** Each order has a limit of its own, so that each replaces the collectors of the one before. */
  let limit = 200;
  /** The number of the next point; no number is used twice. */
  let next = 0;

  const order = async (...collectors: Parameters<typeof applyOrder>[1]): Promise<void> => {
    generation += 1;
    await house.handOver(applyOrder(generation, collectors));
    await house.reached(generation, 'effective');
  };
  const baseline = () => specOrder('baseline', pushedSpec(port, limit, grpcPort));
  const candidate = () => specOrder('candidate', pushedSpec(port, 900, grpcPort));
  const swap = (): Promise<void> => {
    limit += 1;
    return order(baseline(), candidate());
  };
  const arrived = (all: readonly number[]): Promise<true> =>
    until(() => (all.every((number) => backend.numbers.includes(number)) ? true : undefined));
  /** Runs an application over swaps of the live collector, and looks at how often each of its numbers arrived. */
  const onceOver = async (start: (first: number) => Application): Promise<void> => {
    const first = next;
    const application = start(first);
    for (let swaps = 0; swaps < SWAPS; swaps++) await swap();
    next = await application.stop();
    const all = Array.from({ length: next - first }, (_, index) => first + index);
    await arrived(all);
    // What comes twice comes before what is sent after it.
    const last = next++;
    expect((await client.push(numbered(last))).code).toBe(status.OK);
    await arrived([last]);

    const times = new Map<number, number>();
    for (const number of backend.numbers) times.set(number, (times.get(number) ?? 0) + 1);
    expect(all.length).toBeGreaterThan(SWAPS * 10);
    expect(all.filter((number) => times.get(number) !== 1)).toEqual([]);
  };
  const ingress = async (): Promise<IngressStatus | undefined> =>
    (await readStatus(house.agentFolder))?.ingress?.find((one) => one.port === port);

  beforeAll(async () => {
    house = await AgentHouse.open();
    backend = await startNumberBackend();
    [port, grpcPort] = [await freePort(), await freePort()];
    client = new GrpcClient(grpcPort);
    // As hosts have it: one text, which has to find HTTP/2 when the door is opened.
    const main = join(house.parts.dir, 'agent.cjs');
    await writeFile(main, await bundleAgent());
    await house.startAgent({ PHOENIX_BACKEND_OTLP: backend.url }, main);
  });

  afterAll(async () => {
    client.close();
    await house.close();
    await backend.stop();
  });

  it('is refused for a while where no live collector takes it', async () => {
    await order(candidate());
    const { code, details, trailers } = await client.push(numbered(next++));

    expect([code, details]).toEqual([
      ...[status.UNAVAILABLE, 'No live collector takes pushed data here at this moment.'],
    ]);
    expect(String(trailers.get('grpc-status-details-bin')[0])).toContain('google.rpc.RetryInfo');
  });

  it('reaches both variants, and is counted together with what comes by HTTP', async () => {
    await order(baseline(), candidate());
    const packed = new GrpcClient(grpcPort, 'gzip');
    const all = Array.from({ length: 30 }, () => next++);
    for (const [index, number] of all.entries()) {
      if (index % 3 === 0) expect((await push(port, numbered(number))).status).toBe(200);
      else expect((await (index % 3 === 1 ? client : packed).push(numbered(number))).code).toBe(status.OK);
    }
    packed.close();
    await arrived(all);

    expect(
      await until(async () => ((await ingress())?.copies === all.length ? ingress() : undefined)),
    ).toEqual({
      ...{ port, isWanted: true, isOpen: true, grpc: { port: grpcPort, isOpen: true } },
      ...{ forwarded: 30, accepted: 30, unavailable: 1, copies: 30, dropped: 0 },
    });
    await until(async () => {
      const collectors = (await house.windows()).flatMap((window) => window.collectors);
      const metered = ['baseline', 'candidate'].map((variant) =>
        collectors
          .filter((collector) => collector.variant === variant)
          .reduce((sum, { points }) => sum + points, 0),
      );
      return metered.every((points) => points === all.length) ? true : undefined;
    });
  });

  it('is answered by the live collector itself, and elsewhere with a sentence', async () => {
    const of = (signal: string): string => `/opentelemetry.proto.collector.${signal}Service/Export`;
    const metrics = of('metrics.v1.Metrics');
    expect((await client.call(metrics, Uint8Array.of(0x0a, 9, 9))).code).toBe(status.INVALID_ARGUMENT);
    const traces = await client.call(of('trace.v1.Trace'), encodeMetrics(numbered(0)));
    expect([traces.code, traces.details]).toEqual([12, 'Only metrics are taken here, no trace.']);
    const huge = await client.push(numbered(0, 'x'.repeat(21 * 1024 * 1024)));
    expect(huge.code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await client.push(numbered(next++))).code).toBe(status.OK);
  });

  it('arrives exactly once, however often the live collector is replaced', async () => {
    await onceOver((first) => new GrpcApplication(grpcPort, first));
  });

  it('arrives exactly once from a collector that exports by gRPC', async () => {
    const sender = await startGrpcCollector(house.otelcol, `127.0.0.1:${grpcPort}`);
    await onceOver((first) => new Application(sender.port, first)).finally(() => sender.stop());
  });

  it('keeps coming while the port for HTTP becomes another one', async () => {
    const application = new GrpcApplication(grpcPort, next);
    const first = next;
    const [before] = [port];
    port = await freePort();
    await swap();
    next = await application.stop();
    await arrived(Array.from({ length: next - first }, (_, index) => first + index));

    expect((await client.push(numbered(next++))).code).toBe(status.OK);
    await expect(push(before, numbered(0))).rejects.toThrow();
    await until(async () => ((await ingress())?.grpc?.isOpen === true ? true : undefined));
  });

  it('is no business of an order whose port another program has', async () => {
    const taken = Number(new URL(backend.url).port);
    generation += 1;
    await house.handOver(applyOrder(generation, [specOrder('baseline', pushedSpec(port, 100, taken))]));
    expect((await house.reached(generation, 'failed')).reason).toContain(
      `port ${taken} of this host is taken by another program`,
    );
    await until(async () => ((await client.push(numbered(next++))).code === status.OK ? true : undefined));
  });

  it('finds its port closed when no specification names it any more', async () => {
    await order(specOrder('baseline', pushedSpec(port)));
    await until(async () =>
      (await client.push(numbered(0))).details.includes('ECONNREFUSED') ? true : undefined,
    );
    expect((await push(port, numbered(next++))).status).toBe(200);
    await order(collectorOrder('baseline', 'baseline'));
  });
});
