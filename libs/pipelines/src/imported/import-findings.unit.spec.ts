import {
  importFindings,
  pairFindings,
  PipelineError,
  renderedPipelineSchema,
  renderImported,
  renderStored,
  type HostBinding,
  type ImportRole,
} from '../index.js';

const host = { id: 'h1', labels: {} };
type Parts = {
  readonly receivers?: string;
  readonly exporters?: string;
  readonly service?: string;
  readonly pipelines?: string;
  readonly rest?: string;
};
const own = ({
  receivers = 'hostmetrics: {collection_interval: 10s, scrapers: {load: {}}}',
  exporters = 'otlphttp: {endpoint: "https://otlp.example.com"}',
  service = '',
  pipelines = 'metrics: {receivers: [hostmetrics], exporters: [otlphttp]}',
  rest = '',
}: Parts = {}): string => `receivers: {${receivers}}
exporters: {${exporters}}
${rest}
service: {${service} pipelines: {${pipelines}}}
`;
const otlp = 'otlp: {protocols: {grpc: {endpoint: "localhost:4317"}}}';
const withOtlp = own({
  receivers: otlp,
  pipelines: 'metrics: {receivers: [otlp], exporters: [otlphttp]}',
});
const found = (yaml: string, role?: ImportRole) =>
  importFindings(yaml, role).map(({ path, rule, severity }) => `${severity} ${rule} ${path}`);

describe('what an agent makes of an imported configuration', () => {
  it('finds nothing in one that it runs as it is', () => {
    expect(found(own(), 'baseline')).toEqual([]);
    expect(found(own(), 'candidate')).toEqual([]);
  });

  it('warns of what is left out', () => {
    const yaml = own({
      rest: 'extensions: {health_check: {}, zpages/x: {}, basicauth: {}}',
      service: 'extensions: [health_check, zpages/x, basicauth],',
      pipelines:
        'metrics: {receivers: [hostmetrics], exporters: [otlphttp]}, logs/a: {receivers: [x], exporters: [y]}',
    });
    expect(found(yaml, 'baseline')).toEqual([
      'warning signal-left-out service.pipelines.logs/a',
      'warning extension-left-out service.extensions.0',
      'warning extension-left-out service.extensions.1',
    ]);
  });

  it.each<[string, string, string]>([
    [
      'connectors',
      own({
        rest: 'connectors: {forward: {}}',
        pipelines:
          'metrics: {receivers: [forward], exporters: [otlphttp]}, metrics/in: {receivers: [hostmetrics], exporters: [forward]}',
      }),
      'connector-not-run service.pipelines.metrics',
    ],
    [
      'no metrics',
      own({ pipelines: 'traces: {receivers: [a], exporters: [b]}' }),
      'no-metrics-pipeline service.pipelines',
    ],
    [
      'scrapes that are too far apart',
      own({ receivers: 'hostmetrics: {collection_interval: 5m}' }),
      'interval-too-long receivers.hostmetrics',
    ],
    [
      'a reference inside of another',
      own({ exporters: 'otlphttp: {endpoint: "${env:A_${env:B}}"}' }),
      'reference-not-run exporters.otlphttp.endpoint',
    ],
    [
      'a provider that hosts do not have',
      own({ exporters: 'otlphttp: {endpoint: "${https://example.com/x}"}' }),
      'reference-not-run exporters.otlphttp.endpoint',
    ],
  ])('warns of %s in the catalogue and refuses them in an experiment', (_what, yaml, finding) => {
    expect(found(yaml)).toContain(`warning ${finding}`);
    expect(found(yaml, 'baseline')).toContain(`error ${finding}`);
    expect(() => renderStored({ yaml }, { host, criticalProcesses: [] })).toThrow(PipelineError);
  });

  it('lets a baseline listen where a candidate cannot', () => {
    const finding = 'listener-once receivers.otlp.protocols.grpc';
    expect(found(withOtlp, 'baseline')).toEqual([`warning ${finding}`]);
    expect(found(withOtlp, 'candidate')).toEqual([`error ${finding}`]);
    const anyPort = withOtlp.replace('4317', '0');
    expect(found(anyPort, 'candidate')).toEqual([]);
  });

  it('refuses two variants that listen on one port', () => {
    const prometheus = (port: number) =>
      own({
        exporters: `otlphttp: {endpoint: "https://a"}, prometheus: {endpoint: "localhost:${port}"}`,
        pipelines: 'metrics: {receivers: [hostmetrics], exporters: [otlphttp, prometheus]}',
      });
    const pair = (one: string, other: string) =>
      pairFindings({ baseline: one, candidate: other }, []).map(({ path, rule, severity }) => [
        severity,
        rule,
        path,
      ]);
    expect(pair(withOtlp, withOtlp)).toEqual([
      ['error', 'listener-clash', 'candidate.receivers.otlp.protocols.grpc'],
    ]);
    expect(pair(prometheus(9000), prometheus(9000))).toEqual([
      ['error', 'listener-clash', 'candidate.exporters.prometheus'],
    ]);
    expect(pair(prometheus(9000), prometheus(9001))).toEqual([]);
    expect(pairFindings({ baseline: withOtlp }, [])).toEqual([]);
  });

  it('promises nothing of critical processes', () => {
    expect(pairFindings({ baseline: own() }, ['nginx'])).toMatchObject([
      { rule: 'critical-not-kept', severity: 'warning', path: 'baseline' },
    ]);
    expect(pairFindings({}, ['nginx'])).toEqual([]);
  });

  it('tells which variables and files a host has to permit; those with a default it need not', () => {
    const yaml = own({
      exporters:
        'otlphttp: {endpoint: "${env:A}", headers: {x: "${B}", y: "${env:C:-none}", z: "$${env:D}", f: "${file:/etc/key}"}}, unused: {x: "${env:E}"}',
    });
    expect(importFindings(yaml, 'baseline').map(({ message }) => message)).toEqual([
      'It reads the variable A.',
      'It reads the variable B.',
      'It reads the file /etc/key.',
    ]);
    // The exporters of a candidate do not run before it is promoted.
    expect(importFindings(yaml, 'candidate')).toEqual([]);
  });

  it.each([
    ['hostmetrics: {collection_interval: 15s}', 15],
    ['hostmetrics: {}', 60],
    ['hostmetrics: {collection_interval: 1m}, hostmetrics/x: {collection_interval: 500ms}', 60],
    ['hostmetrics: {collection_interval: 1500ms}', 2],
    ['hostmetrics: {collection_interval: "${env:EVERY}"}', 60],
    ['redis: {endpoint: "localhost:6379", collection_interval: 20s}', 20],
    ['prometheus: {config: {scrape_configs: [{job_name: a, scrape_interval: 30s}]}}', 30],
    [otlp, 10],
  ])('aligns %s by %i s', (receivers, seconds) => {
    const ids = [...receivers.matchAll(/(?:^|, )([a-z]+(?:\/x)?): \{/g)].map(([, id]) => id).join(', ');
    const yaml = own({ receivers, pipelines: `metrics: {receivers: [${ids}], exporters: [otlphttp]}` });
    expect(renderStored({ yaml }, { host, criticalProcesses: [] }).intervalSeconds).toBe(seconds);
  });
});

describe('the rendering of an imported configuration', () => {
  const rendered = renderStored({ yaml: own() }, { host, criticalProcesses: [] });
  const binding: HostBinding = {
    ...{ variant: 'baseline', destination: { kind: 'none' } },
    ...{ meterEndpoint: 'http://127.0.0.1:1', meterTokenEnv: 'METER_TOKEN', telemetryPort: 9 },
  };

  it('survives the wire and says that it is one, which agents that do not know of it refuse', () => {
    expect(renderedPipelineSchema.parse(JSON.parse(JSON.stringify(rendered)))).toEqual(rendered);
    expect(rendered).toMatchObject({ imported: true, yaml: own(), templateId: 'imported' });
    // An agent from before: the same strict schema without the field.
    const old = renderedPipelineSchema.unwrap().omit({ imported: true }).strict();
    expect(old.safeParse(rendered).error?.issues[0]?.message).toMatch(/Unrecognized key: "imported"/);
    const same = renderStored({ yaml: own() }, { host: { id: 'h2', labels: {} }, criticalProcesses: ['x'] });
    expect(same.hash).toBe(rendered.hash);
  });

  it('waits for each interval by itself', () => {
    const yaml = own({
      receivers: 'hostmetrics: {collection_interval: 10s}, hostmetrics/x: {collection_interval: 500ms}',
      pipelines: 'metrics: {receivers: [hostmetrics, hostmetrics/x], exporters: [otlphttp]}',
    });
    expect(renderImported(yaml, binding).delays).toEqual({
      PHOENIX_SCRAPE_DELAY_10000MS: 10,
      PHOENIX_SCRAPE_DELAY_500MS: 0.5,
    });
  });

  it('leaves behind what only pipelines of other signals name', () => {
    const yaml = own({
      receivers: `hostmetrics: {}, ${otlp}`,
      exporters: 'otlphttp: {endpoint: "https://a"}, debug: {x: "${env:SECRET}"}',
      pipelines:
        'metrics: {receivers: [hostmetrics], exporters: [otlphttp]}, traces: {receivers: [otlp], exporters: [debug]}',
    });
    const config = renderImported(yaml, binding);
    expect(config.references.variables).toEqual([]);
    expect(config.yaml).not.toMatch(/otlp:|debug|SECRET/);
  });
});
