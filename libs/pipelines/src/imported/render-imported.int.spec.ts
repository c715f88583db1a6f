import { parse } from 'yaml';
import { freePort } from '#tools/embedded';
import { PipelineError, renderImported, type HostBinding } from '../index.js';
import { startOtlpSink, type OtlpSink } from '../testing/otlp-sink.js';
import { collectorBinary, objections, startCollector } from '../testing/real-collector.js';
import { seriesPoints } from '../testing/series.js';

/** Metrics to a backend, and the same processors for traces and logs. */
const own = (backend: string): string => `
receivers:
  hostmetrics:
    collection_interval: 1s
    scrapers: {load: {}}
  otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}
processors:
  resource: {attributes: [{key: host.name, value: "\${env:BACKEND_KEY}", action: upsert}]}
exporters:
  otlphttp/backend:
    metrics_endpoint: ${backend}/backend/v1/metrics
    encoding: proto
    compression: none
    tls: {insecure: true}
    headers: {api-key: "\${env:BACKEND_KEY}"}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 8888}}}}]}}
  pipelines:
    metrics: {receivers: [hostmetrics], processors: [resource], exporters: [otlphttp/backend]}
    traces: {receivers: [otlp], exporters: [otlphttp/backend]}
    logs/app: {receivers: [otlp], exporters: [otlphttp/backend]}
`;
type Config = {
  readonly exporters: Readonly<Record<string, { readonly headers?: Readonly<Record<string, string>> }>>;
  readonly service: {
    readonly telemetry: unknown;
    readonly pipelines: Readonly<Record<string, { readonly exporters: readonly string[] }>>;
  };
};

describe("a host's own configuration in the real collector", () => {
  let binary: string;
  let sink: OtlpSink;
  let telemetryPort: number;
  const bindingOf = (rest: Pick<HostBinding, 'variant' | 'destination'>): HostBinding =>
    ({ ...rest, meterEndpoint: sink.endpoint, meterTokenEnv: 'METER_TOKEN', telemetryPort }) as HostBinding;
  const baseline = () => bindingOf({ variant: 'baseline', destination: { kind: 'none' } });
  const read = (yaml: string): Config => parse(yaml) as Config;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    binary = await collectorBinary();
  }, 900_000);
  beforeEach(async () => {
    sink = await startOtlpSink();
    telemetryPort = await freePort();
  });
  afterEach(() => sink.stop());

  it('as baseline goes on to its backend, and the meter sees the same', async () => {
    const { yaml, findings } = renderImported(own(sink.endpoint), baseline());
    expect(findings.map(({ rule, path }) => [rule, path])).toEqual([
      ['signal-left-out', 'service.pipelines.traces'],
      ['signal-left-out', 'service.pipelines.logs/app'],
      ['host-must-permit', ''],
    ]);
    expect(await objections(binary, yaml)).toBe('');
    const collector = await startCollector(binary, yaml);
    try {
      const paths = ['/backend/v1/metrics', '/v1/metrics'] as const;
      await sink.until(() => paths.every((path) => sink.at(path).length > 0));
      const [backend, meter] = paths.map((path) => seriesPoints([sink.at(path)[0]!]).length);
      expect(meter).toBeGreaterThan(0);
      expect(meter).toBe(backend);
    } finally {
      await collector.stop();
    }
    expect(yaml).not.toContain('backend-secret');
    expect(read(yaml).exporters['otlphttp/backend']?.headers).toEqual({ 'api-key': '${env:BACKEND_KEY}' });
    expect(JSON.stringify(read(yaml).service.telemetry)).not.toContain('8888');
  });

  it('says the same to the collector as it did before, in whatever version of YAML a value was meant', async () => {
    const values = [
      ...[
        '&shared 0600',
        '"0600"',
        '08',
        '0o17',
        '0b11',
        '0x1f',
        '1_000',
        '"1_000"',
        "'0b11'",
        '1_000.5',
        '+12',
      ],
      ...['1e3', '1.0', '-0.0', '.5', '99999999999999999999', '18446744073709551615', '1:30', '"1:30"'],
      ...['yes', '"yes"', 'on', 'TRUE', '"true"', '"2026-01-02"', 'x2026-01-02', '*shared', '"~"'],
    ];
    const actions = values
      .map((value, at) => `{key: a${at}, value: ${value}, action: upsert}`)
      .join(',\n    ');
    const yaml = own(sink.endpoint)
      .replace('action: upsert}]', `action: upsert},\n    ${actions}]`)
      .replace(/^ {4}(?:traces|logs).*\n/gm, '')
      .replace('scrapers: {load: {}}', '<<: [{scrapers: {load: {}}}, {scrapers: {cpu: {}}}]')
      .replace('8888', String(telemetryPort));
    const sent = async (config: string) => {
      const before = sink.at('/backend/v1/metrics').length;
      const collector = await startCollector(binary, config);
      try {
        await sink.until(() => sink.at('/backend/v1/metrics').length > before);
        const { resource, scopeMetrics } = sink.at('/backend/v1/metrics')[before]!.resourceMetrics[0]!;
        return { resource, metrics: scopeMetrics.map(({ metrics }) => metrics.map(({ name }) => name)) };
      } finally {
        await collector.stop();
      }
    };
    const original = await sent(yaml);
    expect(original.resource.attributes).toHaveLength(values.length + 1);
    expect(await sent(renderImported(yaml, baseline()).yaml)).toEqual(original);
  });

  it('as candidate has no way to its backend', async () => {
    const localSink = { kind: 'localSink', endpoint: 'http://127.0.0.1:9' } as const;
    const binding = bindingOf({ variant: 'candidate', destination: localSink });
    const { yaml } = renderImported(own(sink.endpoint), binding);
    expect(Object.keys(read(yaml).exporters)).toEqual([
      'otlphttp/phoenix-destination',
      'otlphttp/phoenix-meter',
    ]);
    expect(yaml).not.toContain('/backend');
    expect(await objections(binary, yaml)).toBe('');
  });

  it('is refused where no metrics pipeline is left', () => {
    const traces = own(sink.endpoint).replace(/^ {4}metrics:.*\n/m, '');
    expect(() => renderImported(traces, baseline())).toThrow(PipelineError);
  });
});
