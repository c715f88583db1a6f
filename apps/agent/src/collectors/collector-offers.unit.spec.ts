import { readListing } from './collector-offers.js';

const listing = `buildinfo:
    command: otelcol-contrib
    version: 0.149.0
receivers:
    - name: otlp
      module: go.opentelemetry.io/collector/receiver/otlpreceiver v0.149.0
      stability: {logs: Stable}
    - name: hostmetrics
      module: github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver v0.149.0
processors:
    - name: in_house
      module: example.com/collector/inhouseprocessor v0.149.0
    - name: batch
exporters: []
providers:
    - scheme: env
      module: go.opentelemetry.io/collector/confmap/provider/envprovider v1.55.0
`;

describe('what a collector lists', () => {
  it('is its components by section, with the versions of those that are of upstream', () => {
    expect(readListing(listing)).toEqual({
      receivers: { otlp: 'v0.149.0', hostmetrics: 'v0.149.0' },
      processors: { in_house: null, batch: null },
      ...{ exporters: {}, connectors: {}, extensions: {} },
      providers: ['env'],
    });
  });

  it('says nothing of providers where the collector does not', () => {
    expect(readListing(listing.replace(/providers:[^]*/, ''))).not.toHaveProperty('providers');
    expect(readListing('receivers: [{name: otlp}]')).toMatchObject({ receivers: { otlp: null } });
  });

  it.each([
    ['no listing', 'unknown command "components"'],
    ['of another shape', 'receivers: {otlp: {}}'],
    ['empty', ''],
    [
      'longer than an inventory can be',
      `receivers:\n${Array.from({ length: 500 }, (_, n) => `  - name: a_component_of_our_own_${n}`).join('\n')}`,
    ],
  ])('is no offer when it is %s', (_, text) => {
    expect(readListing(text)).toBeUndefined();
  });
});
