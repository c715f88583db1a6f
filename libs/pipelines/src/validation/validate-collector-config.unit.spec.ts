import { readdirSync, readFileSync } from 'node:fs';
import type { Catalogue } from './catalogue/catalogue.js';
import { pinnedCatalogue } from './catalogue/pinned.js';
import { corpus } from './testing/corpus.js';
import { validateCollectorConfig } from './validate-collector-config.js';

const config = (sections: string, pipeline = 'receivers: [otlp], exporters: [otlphttp]') => `receivers:
  otlp: {protocols: {grpc: }}
exporters:
  otlphttp: {endpoint: "https://collector.example.org"}
${sections}
service:
  pipelines:
    metrics: {${pipeline}}
`;

const fixes = (yaml: string) => validateCollectorConfig(yaml).map(({ fix }) => fix);
const places = (yaml: string, components?: Catalogue) =>
  validateCollectorConfig(yaml, components === undefined ? {} : { components }).map(
    ({ rule, path }) => `${rule} ${path}`,
  );

it('the configurations that Phoenix renders have no findings, on a host', () => {
  const golden = new URL('../../golden/', import.meta.url);
  const files = readdirSync(golden).filter((name) => name.endsWith('.host.yaml'));
  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const name of files)
    expect([name, places(readFileSync(new URL(name, golden), 'utf8'))]).toEqual([name, []]);
});

it('a finding says where it is to the column, and by which path', () => {
  const yaml = config(
    'processors:\n  batch: {timeout: 5s, send_batch_siez: 10}',
    'receivers: [otlp], processors: [batch], exporters: [otlphttp]',
  );
  expect(validateCollectorConfig(yaml)).toEqual([
    {
      rule: 'unknown-field',
      severity: 'error',
      path: 'processors.batch.send_batch_siez',
      position: { line: 6, column: 24 },
      message: 'There is no such field.',
      fix: 'Did you mean send_batch_size?',
    },
  ]);
});

describe('a fix names what was probably meant', () => {
  it.each([
    [
      'a component',
      config(
        'processors:\n  memory_limitr:',
        'receivers: [otlp], processors: [memory_limitr], exporters: [otlphttp]',
      ),
      'Did you mean memory_limiter?',
    ],
    ['a section', config('proccessors: {}'), 'Did you mean processors?'],
    [
      'a reference',
      config(
        'processors:\n  filter/a: {}',
        'receivers: [otlp], processors: [filer/a], exporters: [otlphttp]',
      ),
      'Did you mean filter/a?',
    ],
    ['a pipeline', config('').replace('metrics:', 'metrcs:'), 'Did you mean metrics?'],
  ])('for %s', (_, yaml, fix) => {
    expect(fixes(yaml)).toContain(fix);
  });

  it('and lists what there is where nothing is near', () => {
    const yaml = config(
      'processors:\n  zzzzzz:',
      'receivers: [otlp], processors: [zzzzzz], exporters: [otlphttp]',
    );
    expect(fixes(yaml)[0]).toMatch(
      /^Use one of batch, cumulativetodelta, .* and others?\.$|^Use one of batch, .*transform\.$/,
    );
  });
});

it('no finding repeats a secret', () => {
  const secrets = corpus('broken').filter(({ name }) => name.startsWith('secret-'));
  expect(secrets.length).toBeGreaterThanOrEqual(8);
  for (const { yaml } of secrets)
    expect(JSON.stringify(validateCollectorConfig(yaml))).not.toMatch(/not[- ]a[- ]real|7fK2pQ9x/);
});

describe('what a secret is', () => {
  const headers = (line: string) =>
    places(
      config('').replace(
        '{endpoint: \"https://collector.example.org\"}',
        () => `\n    endpoint: https://collector.example.org\n    headers: {${line}}`,
      ),
    );

  it.each([
    'x-tenant: shop',
    'phoenix-variant: candidate',
    'x-request-source: collector-of-the-shop-1',
    'authorization: "Basic ${env:A}"',
    'x-token-type: bearer',
    'x-scope-orgid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
    'x-source: web-server-17-eu-central-1-shop',
    'accept: application/x-protobuf',
  ])('is not %s', (line) => expect(headers(line)).toEqual([]));

  it.each([
    'dd-api-key: abc',
    'X-Api-Key: abc',
    'x-thing: a1b2c3d4e5f60718293a4b5c',
    'x-auth-token: abc',
    'authorization: "Basic dXNlcjpwdw=="',
    'lightstep-access-token: abc',
    'x-api-key: 12345',
    'api-key: "$${env:KEY}"',
  ])('is %s', (line) =>
    expect(headers(line).filter((one) => one.startsWith('secret-in-clear'))).toHaveLength(1),
  );
});

describe('with the components of another collector', () => {
  const components: Catalogue = {
    ...pinnedCatalogue,
    providers: ['env', 'vault'],
    connectors: { spanmetrics: { signals: { 'traces-to-metrics': 'alpha' } } },
    extensions: { health_check: {} },
    receivers: { ...pinnedCatalogue.receivers, snmp: { signals: { metrics: 'beta' } } },
  };
  const yaml = `receivers:
  otlp: {protocols: {grpc: {endpoint: "localhost:13133"}}}
  snmp: {anything: goes}
exporters:
  otlphttp: {endpoint: "\${vault:backend}"}
connectors:
  spanmetrics: {anything: goes}
extensions:
  health_check: {}
service:
  extensions: [health_check]
  pipelines:
    traces: {receivers: [otlp], exporters: [spanmetrics]}
    metrics: {receivers: [spanmetrics, snmp], exporters: [otlphttp]}
`;

  it('what it offers is known, and its connectors join pipelines', () => {
    expect(places(yaml, components)).toEqual(['port-clash extensions.health_check']);
  });

  it('a connector in the wrong direction is found', () => {
    const turned = yaml
      .replace('exporters: [spanmetrics]', 'exporters: [otlphttp]')
      .replace('exporters: [otlphttp]}\n`', '');
    expect(places(turned, components)).toContain('connector-one-sided connectors.spanmetrics');
    const wrong = yaml.replace('traces: {', 'logs: {');
    expect(places(wrong, components)).toContain('unsupported-signal service.pipelines.logs.exporters.0');
  });

  it('the pinned one does not have them', () => {
    expect(places(yaml)).toEqual(
      expect.arrayContaining([
        'unknown-component receivers.snmp',
        'unknown-component connectors.spanmetrics',
        'unresolvable-reference exporters.otlphttp.endpoint',
      ]),
    );
  });
});
