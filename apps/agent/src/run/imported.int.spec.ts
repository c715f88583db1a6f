import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CollectorOrder } from '#lib/agent-protocol';
import { decodeMetrics } from '#lib/otlp';
import { renderStored } from '#lib/pipelines';
import { applyOrder, AgentHouse, collectorOrder, HOST, until } from '../testing/agent-house.js';
import { bodyOf } from '../testing/newest-backend.js';

/** What a backend got: the key that was shown, and which configuration it came from. */
type Received = { readonly key: string; readonly from: string; readonly points: number };

/** As a host has it: ports that are taken, other signals, a secret by its variable. */
const own = (backend: string, name: string): string => `
receivers:
  hostmetrics:
    collection_interval: 1s
    scrapers: {load: {}, memory: {}}
  otlp: {protocols: {http: {endpoint: "127.0.0.1:4318"}}}
processors:
  resource: {attributes: [{key: written.by, value: ${name}, action: upsert}]}
exporters:
  otlphttp/own:
    metrics_endpoint: ${backend}/v1/metrics
    encoding: proto
    compression: none
    headers: {api-key: "\${env:BACKEND_KEY}"}
extensions:
  health_check: {endpoint: "127.0.0.1:13133"}
service:
  extensions: [health_check]
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 8888}}}}]}}
  pipelines:
    metrics: {receivers: [hostmetrics], processors: [resource], exporters: [otlphttp/own]}
    traces: {receivers: [otlp], exporters: [otlphttp/own]}
`;

function imported(
  variant: CollectorOrder['variant'],
  yaml: string,
  role: CollectorOrder['role'] = variant === 'baseline' ? 'live' : 'shadow',
): CollectorOrder {
  const rendered = renderStored({ yaml }, { host: { id: HOST, labels: {} }, criticalProcesses: [] });
  return { variant, role, configHash: rendered.hash, rendered };
}

describe("a host's own configuration in an agent with real collectors", () => {
  let house: AgentHouse;
  let server: Server;
  const received: Received[] = [];
  let generation = 10;
  const backend = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const baseline = () => imported('baseline', own(backend(), 'the-baseline'));
  const since = async (count: number, from: string) =>
    until(() => received.slice(count).find((one) => one.from === from));

  beforeAll(async () => {
    server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const { resourceMetrics } = decodeMetrics(body);
        const attributes = resourceMetrics[0]?.resource.attributes ?? [];
        const from = JSON.stringify(attributes, (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        received.push({
          key: String(request.headers['api-key']),
          from: /the-(?:baseline|candidate)/.exec(from)?.[0] ?? from,
          points: resourceMetrics.length,
        });
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    house = await AgentHouse.open();
    await house.startAgent({
      PHOENIX_IMPORT_ENV: 'BACKEND_KEY, NEVER_SET',
      BACKEND_KEY: 'the-secret',
      OTHER_SECRET: 'of somebody else',
    });
  });

  afterAll(async () => {
    await house.close();
    server.closeAllConnections();
    server.close();
  });

  it('runs as baseline beside a template, feeds its own backend, and both are metered', async () => {
    await house.handOver(
      applyOrder(1, [baseline(), collectorOrder('candidate', 'topk', { parameters: { k: 3 } })]),
    );
    await house.reached(1, 'effective');
    const window = await until(async () =>
      (await house.windows()).find(({ collectors }) => collectors.length === 2),
    );
    for (const { activeSeries, points } of window.collectors) {
      expect(activeSeries.value).toBeGreaterThan(0);
      expect(points).toBeGreaterThan(0);
    }
    expect(await since(0, 'the-baseline')).toMatchObject({ key: 'the-secret' });
  });

  it('as a shadow sends nothing to its backend, and once it is promoted it does', async () => {
    const candidate = own(backend(), 'the-candidate');
    await house.handOver(applyOrder(2, [baseline(), imported('candidate', candidate)]));
    await house.reached(2, 'effective');
    await until(async () =>
      (await house.windows()).find(({ collectors }) =>
        collectors.some(({ variant, activeSeries }) => variant === 'candidate' && activeSeries.value > 0),
      ),
    );
    expect(received.filter(({ from }) => from === 'the-candidate')).toEqual([]);

    await house.handOver(applyOrder(3, [imported('candidate', candidate, 'live')]));
    await house.reached(3, 'effective');
    expect(await since(0, 'the-candidate')).toMatchObject({ key: 'the-secret' });
    // The baseline has ended: what comes now is the candidate's alone.
    const ended = received.length;
    await until(() => (received.length > ended + 3 ? true : undefined));
    expect(new Set(received.slice(ended + 1).map(({ from }) => from))).toEqual(new Set(['the-candidate']));
  });

  it.each([
    [
      'a variable that the host does not permit',
      '${env:OTHER_SECRET}',
      /OTHER_SECRET, which this host does not permit/,
    ],
    [
      'one that is permitted and not set',
      '${NEVER_SET}',
      /NEVER_SET, which this host permits but its agent does not have/,
    ],
    ['a file', '${file:/etc/shadow}', /file \/etc\/shadow, which this host does not permit/],
    [
      "the agent's own token",
      '${env:PHOENIX_METER_TOKEN}',
      /PHOENIX_METER_TOKEN, which this host does not permit/,
    ],
    ['a reference inside of another', '${file:/etc/${env:BACKEND_KEY}}', /variables and files only/],
  ])('is refused where it reads %s', async (_what, reference, reason) => {
    generation += 1;
    const yaml = own(backend(), `"${reference}"`);
    const { rendered } = baseline();
    const order = { ...baseline(), rendered: { ...(rendered as object), yaml } };
    await house.handOver(applyOrder(generation, [order]));
    const failed = await house.reached(generation, 'failed');
    expect(failed.reason).toMatch(reason);
    expect(failed.reason).not.toContain('of somebody else');
  });
});
