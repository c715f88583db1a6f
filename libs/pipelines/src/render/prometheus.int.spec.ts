import fc from 'fast-check';
import { resolveCollectorWithPrometheus } from '#tools/embedded';
import { instantiateTemplate, renderForHost, renderPipeline, type PipelineSpec } from '../index.js';
import { prometheusSource, type PrometheusSource } from '../spec/prometheus-source.js';
import { objections } from '../testing/real-collector.js';

const usual: PrometheusSource = {
  ...{ kind: 'prometheus', intervalSeconds: 10, targets: ['127.0.0.1:9100'] },
  ...{ scheme: 'http', path: '/metrics', sampleLimit: 1_000 },
};

const word = fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9.]{0,20}[A-Za-z0-9])?$/);
const host = fc.oneof(
  word,
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const target = fc.tuple(host, fc.integer({ min: 1, max: 65_535 })).map((parts) => parts.join(':'));

/** Whatever the schema takes. */
const sources = fc
  .record({
    kind: fc.constant('prometheus' as const),
    intervalSeconds: fc.integer({ min: 1, max: 60 }),
    targets: fc.uniqueArray(target, { minLength: 1, maxLength: 50 }),
    scheme: fc.constantFrom('http' as const, 'https' as const),
    path: fc.stringMatching(/^\/[-A-Za-z0-9._~/%]{0,40}$/),
    sampleLimit: fc.integer({ min: 1, max: 200_000 }),
  })
  .filter((source) => prometheusSource.safeParse(source).success);

describe('the source prometheus in the real collector that has it', () => {
  let binary: string;
  const verdict = async (
    source: PrometheusSource,
    change: (yaml: string) => string = (yaml) => yaml,
  ): Promise<string> => {
    const spec: PipelineSpec = { ...instantiateTemplate('baseline', {}), source };
    const rendered = renderPipeline({ spec, host: { id: 'h1', labels: {} }, criticalProcesses: [] });
    const yaml = renderForHost(rendered, {
      ...{ variant: 'baseline', destination: { kind: 'localSink', endpoint: 'http://127.0.0.1:4318' } },
      ...{ meterEndpoint: 'http://127.0.0.1:4319', meterTokenEnv: 'METER_TOKEN', telemetryPort: 8888 },
    });
    return objections(binary, change(yaml));
  };

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    binary = (await resolveCollectorWithPrometheus(() => undefined)).path;
  }, 1_800_000);

  it.each<[string, Partial<PrometheusSource>]>([
    ['the shortest interval', { intervalSeconds: 1 }],
    ['the longest interval', { intervalSeconds: 60 }],
    ['a port of 0 and one with zeros in front', { targets: ['a:0', 'a:00080'] }],
    ['addresses of IPv6', { targets: ['[::1]:9100', '[2001:db8::1]:9100', '[::ffff:192.0.2.1]:80'] }],
    [
      'as many targets as there may be',
      { targets: Array.from({ length: 50 }, (_, at) => `host-${at}:9100`) },
    ],
    ['the longest path', { path: `/${'a'.repeat(499)}` }],
    ['a path with escapes, some of which mean nothing', { path: '/a%20b/%zz/%' }],
    ['the smallest limit, over https', { sampleLimit: 1, scheme: 'https' }],
    ['the largest limit', { sampleLimit: 200_000 }],
  ])('takes %s', async (_what, more) => {
    expect(await verdict(prometheusSource.parse({ ...usual, ...more }))).toBe('');
  });

  it('takes whatever the schema takes', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async (source) => {
        expect(await verdict(source)).toBe('');
      }),
      { numRuns: 20 },
    );
  }, 300_000);

  it('takes no time-out beyond the interval, so that its verdict means something', async () => {
    const longer = (yaml: string): string => yaml.replace('scrape_timeout: 10s', 'scrape_timeout: 11s');
    expect(await verdict(usual, longer)).toContain('timeout greater than scrape interval');
  });
});
