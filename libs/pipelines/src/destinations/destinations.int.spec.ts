import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, scratchDirectory } from '#tools/embedded';
import { validateCollectorConfig } from '#lib/collector-validation';
import type { Metric, MetricsData } from '#lib/otlp';
import {
  destinationProfileSchema,
  renderForHost,
  renderPipeline,
  type DestinationProfile,
  type Processor,
} from '../index.js';
import { processPipeline } from '../templates/common.js';
import {
  collectorBinary,
  objections,
  startCollector,
  type RunningCollector,
} from '../testing/real-collector.js';
import { sideBySide } from '../testing/side-by-side.js';
import {
  otlpOf,
  seriesOfWrite,
  startGrpcEndpoint,
  startVendorEndpoint,
  type VendorEndpoint,
  type VendorRequest,
} from '../testing/vendor-endpoint.js';
import { asCollectorText } from './secret.js';

const tokenFile = join(scratchDirectory(), 'token');
writeFileSync(tokenFile, 'token-from-file');

/** `real-collector` gives the collector this variable. */
const inEnvironment = '${env:BACKEND_KEY}';
const inFile = `\${file:${tokenFile}}`;
const basicAuth = (user: string, word: string): string =>
  `Basic ${Buffer.from(`${user}:${word}`).toString('base64')}`;

const totals: readonly Processor[] = [];
const growth: readonly Processor[] = [{ kind: 'cumulativeToDelta' }];

type Case = {
  readonly name: string;
  readonly profile: unknown;
  /** What stands for the vendor in its place. */
  readonly standIn: (url: string) => string;
  readonly processors: readonly Processor[];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the destination gets of counters. */
  readonly temporality: 'delta' | 'cumulative';
};

const cases: readonly Case[] = [
  {
    name: 'OTLP over HTTP, with a bearer token',
    profile: {
      kind: 'otlp',
      endpoint: 'https://otlp.example.org',
      authorization: { scheme: 'bearer', token: inFile },
      headers: { 'x-tenant': 'team-a' },
      compression: 'none',
    },
    standIn: (url) => `${url}/otlp-http`,
    processors: growth,
    path: '/otlp-http/v1/metrics',
    headers: { authorization: 'Bearer token-from-file', 'x-tenant': 'team-a' },
    temporality: 'delta',
  },
  {
    name: 'New Relic',
    profile: { kind: 'newRelic', region: 'eu', apiKey: inEnvironment },
    standIn: (url) => `${url}/new-relic`,
    processors: totals,
    path: '/new-relic/v1/metrics',
    headers: { 'api-key': 'backend-secret', 'content-encoding': 'gzip' },
    temporality: 'delta',
  },
  {
    name: 'Datadog',
    profile: { kind: 'datadog', site: 'datadoghq.eu', apiKey: inFile },
    standIn: (url) => `${url}/datadog`,
    processors: totals,
    path: '/datadog/v1/metrics',
    headers: { 'dd-api-key': 'token-from-file', 'content-encoding': 'gzip' },
    temporality: 'delta',
  },
  {
    name: 'Grafana Cloud',
    profile: { kind: 'grafanaCloud', zone: 'prod-eu-west-2', instanceId: '4711', token: inEnvironment },
    standIn: (url) => `${url}/grafana`,
    processors: growth,
    path: '/grafana/otlp/v1/metrics',
    headers: { authorization: basicAuth('4711', 'backend-secret'), 'content-encoding': 'gzip' },
    temporality: 'cumulative',
  },
  {
    name: 'Prometheus remote write',
    profile: {
      kind: 'prometheusRemoteWrite',
      endpoint: 'https://mimir.example.org/api/v1/push',
      authorization: { scheme: 'basic', username: 'us$er', password: inFile },
    },
    standIn: (url) => `${url}/write/api/v1/push`,
    processors: growth,
    path: '/write/api/v1/push',
    headers: {
      authorization: basicAuth('us$er', 'token-from-file'),
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    temporality: 'cumulative',
  },
];

const grpc: Case = {
  name: 'OTLP over gRPC',
  profile: {
    kind: 'otlp',
    protocol: 'grpc',
    endpoint: 'https://otlp.example.org:4317',
    headers: { 'x-api-key': inEnvironment },
  },
  standIn: (url) => url,
  processors: totals,
  path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  headers: { 'x-api-key': 'backend-secret', 'grpc-encoding': 'gzip' },
  temporality: 'cumulative',
};

describe('each destination, in the real collector', () => {
  let binary: string;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    binary = await collectorBinary();
  }, 900_000);

  it('is accepted with the vendor’s own address, by the collector and by our rules', async () => {
    const yamls = await Promise.all(
      [...cases, grpc].map((one) => hostYaml(one, destinationProfileSchema.parse(one.profile), 'http://m')),
    );
    expect(await objections(binary, sideBySide(yamls))).toBe('');
    for (const yaml of yamls) {
      const found = validateCollectorConfig(yaml).filter(({ severity }) => severity === 'error');
      expect(found).toEqual([]);
    }
  });

  describe('reaches an endpoint', () => {
    let endpoint: VendorEndpoint;
    let calls: VendorEndpoint;
    let collector: RunningCollector | undefined;
    let isOver = false;

    // A scrape a second; the first says what counters are at, the later ones how they grow.
    const scrapes = 4;

    beforeAll(async () => {
      [endpoint, calls] = await Promise.all([startVendorEndpoint(), startGrpcEndpoint()]);
      const yamls = await Promise.all([
        ...cases.map((one) => hostYaml(one, standingIn(one, endpoint.url), `${endpoint.url}/meter`)),
        hostYaml(grpc, standingIn(grpc, calls.url), `${endpoint.url}/meter`),
      ]);
      collector = await startCollector(binary, sideBySide(yamls));
      const isThere = (one: Case): boolean => requestsOf(one).length >= scrapes;
      while (!isOver && ![...cases, grpc].every(isThere))
        await new Promise((resolve) => setTimeout(resolve, 50));
      await collector.stop();
    }, 120_000);

    afterAll(async () => {
      isOver = true;
      await collector?.stop();
      await Promise.all([endpoint.stop(), calls.stop()]);
    });

    const requestsOf = (one: Case): readonly VendorRequest[] =>
      (one === grpc ? calls : endpoint).at(one.path);

    it.each([...cases, grpc])('with its headers and packing: $name', (one) => {
      for (const { headers } of requestsOf(one)) expect(headers).toMatchObject(one.headers);
      const packed = requestsOf(one).filter(({ headers }) => 'content-encoding' in headers);
      const isPacked = 'content-encoding' in one.headers;
      expect(packed.length).toBe(isPacked ? requestsOf(one).length : 0);
    });

    it.each([...cases, grpc])('with counters as it takes them: $name', (one) => {
      expect([...new Set(counters(one, requestsOf(one)))]).toEqual([one.temporality]);
    });

    it('with the host as a label of every series, where resources are none', () => {
      const series = cases
        .filter(({ path }) => path.endsWith('/push'))
        .flatMap((one) => requestsOf(one).flatMap(seriesOfWrite));
      expect(series.length).toBeGreaterThan(0);
      expect(new Set(series.map(({ labels }) => labels['host_id']))).toEqual(new Set(['web-1']));
      expect(new Set(series.map(({ labels }) => labels['__name__']))).toContain(
        'process_cpu_time_seconds_total',
      );
    });

    it('while the meter sees the pipeline’s own output', () => {
      const seen = endpoint.at('/meter/v1/metrics').flatMap((request) => temporalities(otlpOf(request)));
      expect(new Set(seen)).toEqual(new Set(['cumulative', 'delta']));
    });
  });
});

/** The temporality of each counter that came; a remote write says it by the growth of its samples alone. */
function counters(one: Case, requests: readonly VendorRequest[]): readonly string[] {
  if (!one.path.endsWith('/push')) return requests.flatMap((request) => temporalities(otlpOf(request)));
  const totalsOf = new Map<string, number[]>();
  for (const { labels, samples } of requests.flatMap(seriesOfWrite)) {
    if (labels['__name__'] !== 'process_cpu_time_seconds_total') continue;
    const key = JSON.stringify(Object.entries(labels).sort());
    totalsOf.set(key, [...(totalsOf.get(key) ?? []), ...samples.map(({ value }) => value)]);
  }
  return [...totalsOf.values()]
    .filter((values) => values.length > 1)
    .map((values) => (isRising(values) ? 'cumulative' : 'delta'));
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
}

function temporalities({ resourceMetrics }: MetricsData): readonly string[] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .filter((metric): metric is Extract<Metric, { type: 'sum' }> => metric.type === 'sum' && metric.monotonic)
    .map(({ temporality }) => temporality);
}

function standingIn(one: Case, url: string): DestinationProfile {
  return destinationProfileSchema.parse({ ...(one.profile as object), endpoint: one.standIn(url) });
}

async function hostYaml(
  { processors }: Case,
  profile: DestinationProfile,
  meterEndpoint: string,
): Promise<string> {
  const spec = processPipeline(1, processors);
  const rendered = renderPipeline({ spec, host: { id: 'web-1', labels: {} }, criticalProcesses: [] });
  return renderForHost(rendered, {
    variant: 'baseline',
    destination: { kind: 'profile', profile, secret: asCollectorText },
    meterEndpoint,
    meterTokenEnv: 'METER_TOKEN',
    telemetryPort: await freePort(),
  });
}
