import { freePort } from '#tools/embedded';
import { attributeValue, type Metric, type MetricsData } from '#lib/otlp';
import {
  instantiateTemplate,
  rankingTapPath,
  renderForHost,
  renderPipeline,
  type PipelineSpec,
} from '../index.js';
import { metricsOfScraper, systemScrapers } from '../spec/system-metrics.js';
import { startOtlpSink, type OtlpSink } from '../testing/otlp-sink.js';
import { collectorBinary, objections, startCollector } from '../testing/real-collector.js';

type Source = Extract<PipelineSpec['source'], { kind: 'hostmetrics' }>;
type System = NonNullable<Source['system']>;

/** What a machine without swap, large pages, a firewall or a known clock of its processors does not give. */
const notEverywhere = /frequency|paging\.(usage|utilization)|hugepages|conntrack|(logical|physical)\.count/;

const everything = Object.fromEntries(
  systemScrapers.map((scraper) => [scraper, { metrics: Object.keys(metricsOfScraper(scraper)) }]),
) as System;
const byDefault = Object.fromEntries(systemScrapers.map((scraper) => [scraper, {}])) as System;

describe('scrapers of the machine in the real collector', () => {
  let binary: string;
  let sink: OtlpSink;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    binary = await collectorBinary();
  }, 900_000);
  beforeEach(async () => {
    sink = await startOtlpSink();
  });
  afterEach(() => sink.stop());

  it.each(systemScrapers)('%s sends its metrics, of the kinds that are recorded', async (scraper) => {
    const known = metricsOfScraper(scraper);
    const sent = await run({ system: { [scraper]: everything[scraper] } });
    const expected = Object.keys(known).filter((name) => !notEverywhere.test(name));
    expect([...sent.keys()].filter((name) => !notEverywhere.test(name)).sort()).toEqual(expected.sort());
    for (const [name, metric] of sent)
      expect([name, metric.type === 'sum' && metric.monotonic]).toEqual([name, known[name]?.counter]);
  });

  it('all send what is on by default, and nothing else', async () => {
    const sent = await run({ system: byDefault });
    const onByDefault = systemScrapers.flatMap((scraper) =>
      Object.entries(metricsOfScraper(scraper)).filter(([, traits]) => traits.onByDefault),
    );
    const expected = onByDefault.map(([name]) => name).filter((name) => !notEverywhere.test(name));
    expect([...sent.keys()].filter((name) => !notEverywhere.test(name)).sort()).toEqual(expected.sort());
  });

  it('leave out what is excluded, and all but what is included', async () => {
    const devices = (metric: Metric | undefined, key = 'device') =>
      new Set(metric?.points.map(({ attributes }) => attributeValue(attributes, key)));
    const sent = await run({
      system: {
        network: { include: { names: ['lo'], patterns: [] } },
        filesystem: { include: { mountPoints: { names: ['/'], patterns: ['^/no/such$'] } } },
      },
    });
    expect(devices(sent.get('system.network.io'))).toEqual(new Set(['lo']));
    expect(devices(sent.get('system.filesystem.usage'), 'mountpoint')).toEqual(new Set(['/']));
    const others = await run({
      system: { network: { exclude: { names: ['lo'], patterns: ['^none$'] } }, load: {} },
    });
    expect(devices(others.get('system.network.io'))).not.toContain('lo');
  });

  it('pass a set of processes untouched, and stay out of its ranking', async () => {
    const spec = instantiateTemplate('topk', { intervalSeconds: 1 });
    const source = { ...spec.source, system: { cpu: {}, memory: {} } } as Source;
    // Without a set and without critical processes, no process passes.
    const sent = await run(source, { ...spec, source });
    expect([...sent.keys()].sort()).toEqual(['system.cpu.time', 'system.memory.usage']);
    const tapped = namesIn(sink.at(rankingTapPath));
    expect([...tapped.keys()]).toEqual(['process.cpu.time']);
  });

  it('leave labels the text that they are, whatever YAML would take them for', async () => {
    const labels = { day: '2026-01-02', floor: '08', mode: '0600', size: '1_000', flags: '0b11', on: 'yes' };
    await run({ system: { load: {} } }, undefined, labels);
    const { resource } = sink.at('/v1/metrics')[0]!.resourceMetrics[0]!;
    for (const [key, value] of Object.entries(labels))
      expect(attributeValue(resource.attributes, `host.label.${key}`)).toBe(value);
  });

  /** Runs until whole scrapes have come; ratios of time need two. */
  async function run(
    source: Partial<Source>,
    given?: PipelineSpec,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<ReadonlyMap<string, Metric>> {
    const baseline = instantiateTemplate('baseline', { intervalSeconds: 1 });
    const spec = given ?? {
      ...baseline,
      source: { kind: 'hostmetrics', intervalSeconds: 1, ...source } as Source,
    };
    const yaml = renderForHost(
      renderPipeline({ spec, host: { id: 'host-1', labels }, criticalProcesses: [] }),
      {
        ...{ variant: 'candidate', destination: { kind: 'none' }, meterEndpoint: sink.endpoint },
        ...{ meterTokenEnv: 'METER_TOKEN', telemetryPort: await freePort() },
      },
    );
    expect(await objections(binary, yaml)).toBe('');
    const before = sink.at('/v1/metrics').length;
    const collector = await startCollector(binary, yaml);
    try {
      await sink.until(() => sink.at('/v1/metrics').length >= before + 3);
      if (given !== undefined) await sink.until(() => sink.at(rankingTapPath).length > 0);
    } finally {
      await collector.stop();
    }
    expect(collector.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    return namesIn(sink.at('/v1/metrics').slice(before));
  }
});

function namesIn(requests: readonly MetricsData[]): ReadonlyMap<string, Metric> {
  const metrics = requests
    .flatMap(({ resourceMetrics }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((inScope) => inScope.metrics);
  return new Map(metrics.map((metric) => [metric.name, metric]));
}
