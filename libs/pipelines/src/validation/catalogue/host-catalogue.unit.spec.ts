import { collectorOfferSchema, type CollectorOffer } from '#lib/agent-protocol';
import { validateCollectorConfig } from '../validate-collector-config.js';
import { componentKinds } from './catalogue.js';
import { catalogueOfHost } from './host-catalogue.js';
import { pinnedCatalogue } from './pinned.js';

const config = `receivers:
  otlp: {protocols: {grpc: }}
processors:
  batch: {timeuot: 5s}
exporters:
  splunk_hec: {token: "\${env:TOKEN}", endpoint: "https://collector.example.org"}
service:
  pipelines:
    metrics: {receivers: [otlp], processors: [batch], exporters: [splunk_hec]}
`;

const offer = (more: object): CollectorOffer => collectorOfferSchema.parse(more);
const rulesFor = (version: string, offers: CollectorOffer): readonly string[] =>
  validateCollectorConfig(config, { components: catalogueOfHost(version, offers) }).map(
    ({ rule, severity, path }) => `${severity} ${rule} ${path}`,
  );

describe("a host's own list of components", () => {
  const otlp = { receivers: { otlp: 'v0.149.0' } };

  it('knows the fields of a component at the pinned version, and only its name at another', () => {
    const exporters = { splunk_hec: 'v0.149.0' };
    expect(rulesFor('0.149.0', offer({ ...otlp, processors: { batch: 'v0.149.0' }, exporters }))).toEqual([
      'error unknown-field processors.batch.timeuot',
    ]);
    for (const version of ['v0.120.0', 'v10.149.0', null])
      expect(rulesFor('0.120.0', offer({ ...otlp, processors: { batch: version }, exporters }))).toEqual([]);
  });

  it('makes a component that is not on it no error, since lists leave some out', () => {
    expect(rulesFor('0.149.0', offer({ ...otlp, processors: { batch: 'v0.120.0' } }))).toEqual([
      'warning unlisted-component exporters.splunk_hec',
    ]);
  });

  it('still finds a component in the wrong section', () => {
    expect(rulesFor('1.0.0', offer({ ...otlp, processors: { batch: null, splunk_hec: null } }))).toEqual([
      'error wrong-section exporters.splunk_hec',
    ]);
  });

  it('has no names but its own, whatever they are', () => {
    const odd = offer({ receivers: { constructor: 'v1.0.0', toString: null } });
    const { receivers } = catalogueOfHost('1.0.0', odd);
    expect(receivers).toEqual({ constructor: {}, toString: {} });
  });

  it('gives the same findings as the pinned list where it is the same list', () => {
    const versions = (kind: (typeof componentKinds)[number]) =>
      Object.fromEntries(
        Object.entries(pinnedCatalogue[kind]).map(([name, { module = '' }]) => [name, module.split(' ')[1]]),
      );
    const own = offer(Object.fromEntries(componentKinds.map((kind) => [kind, versions(kind)])));
    const known = config.replaceAll('splunk_hec', 'otlp_http');
    const components = catalogueOfHost(pinnedCatalogue.version, { ...own, providers: ['env', 'file'] });
    const findings = validateCollectorConfig(known, { components });
    expect(findings).toEqual(validateCollectorConfig(known));
    expect(findings.map(({ rule }) => rule)).toContain('unknown-field');
  });
});
