import { freePort } from '#tools/embedded';
import { attributeValue, type MetricsData } from '#lib/otlp';
import {
  rankingTapPath,
  renderForHost,
  renderPipeline,
  templates,
  type ParameterInput,
  type TemplateId,
  type TopKSelection,
} from '../index.js';
import { ProcessLoad } from '../topk/process-load.js';
import { fromYaml, toYaml } from '../render/collector-config.js';
import { highest, lowest } from '../testing/extremes.js';
import { startOtlpSink, type OtlpSink } from '../testing/otlp-sink.js';
import { collectorBinary, objections, startCollector } from '../testing/real-collector.js';
import { seriesOf, seriesPoints } from '../testing/series.js';

type Case = { readonly template: TemplateId; readonly parameters: ParameterInput };

const host = { id: 'host-1', labels: { env: 'test' } };
const meterPath = '/v1/metrics';
const rawPath = '/raw/v1/metrics';

describe('templates in the real collector', () => {
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

  it.each(templates)('$id: the collector accepts it, and sends processes of this machine', async ({ id }) => {
    const yaml = await hostYaml({ template: id, parameters: {} }, { criticalProcesses: ['node'] });
    await run(yaml, () => sink.at(meterPath).length >= 1);
    const [first] = sink.at(meterPath);
    expect(seriesPoints([first!]).length).toBeGreaterThan(0);
    expect([...seriesOf([first!])].every((series) => series.includes('"host.id"="string:host-1"'))).toBe(
      true,
    );
    expect(pidsOf([first!])).toContain(BigInt(process.pid));
    expect(sink.requests[0]?.headers.authorization).toBe('Bearer meter-secret');
  });

  it.each(templates)('$id: the collector accepts it at both ends of its parameters', async (template) => {
    const ends = [lowest(template.parameters), highest(template.parameters)];
    const found = ends.map(async (parameters) =>
      objections(
        binary,
        await hostYaml({ template: template.id, parameters }, { criticalProcesses: ['node'] }),
      ),
    );
    expect(await Promise.all(found)).toEqual(['', '']);
  });

  it('topk emits exactly the selected and critical processes, and taps what it drops', async () => {
    const everything = await hostYaml({ template: 'topk', parameters: everySecond }, {});
    await run(everything, () => sink.at(rankingTapPath).length >= 1);
    expect(sink.at(meterPath)).toEqual([]);

    const load = new ProcessLoad();
    load.observe(sink.at(rankingTapPath)[0]!);
    const own = load.latest.ranking('cpu').find(({ pid }) => pid === process.pid);
    const selection = { members: [{ pid: process.pid, executable: own!.executable }] };
    await run(
      await hostYaml({ template: 'topk', parameters: everySecond }, { selection }),
      () => sink.at(meterPath).length >= 2,
    );
    expect(pidsOf(sink.at(meterPath))).toEqual([BigInt(process.pid)]);
    expect(pidsOf(sink.at(rankingTapPath)).length).toBeGreaterThan(1);
    expect(new Set(seriesPoints(sink.at(rankingTapPath)).map(({ metric }) => metric))).toEqual(
      new Set(['process.cpu.time']),
    );
  });

  it('aggregated emits fewer series than all processes have, and the same memory in total', async () => {
    const yaml = withRawCopy(await hostYaml({ template: 'aggregated', parameters: everySecond }, {}));
    await run(yaml, () => sink.at(meterPath).length >= 3 && sink.at(rawPath).length >= 3);
    const [raw, merged] = [sink.at(rawPath).slice(0, 3), sink.at(meterPath).slice(0, 3)];
    expect(seriesOf(merged).size).toBeLessThan(seriesOf(raw).size);
    merged.forEach((request, index) => expect(memoryOf(request)).toBe(memoryOf(raw[index]!)));
    expect(pidsOf(merged)).toEqual([]);
  });

  it('aggregated gives a merged series one point for each scrape', async () => {
    await run(
      await hostYaml({ template: 'aggregated', parameters: everySecond }, {}),
      () => sink.at(meterPath).length >= 3,
    );
    for (const request of sink.at(meterPath)) {
      expect(seriesPoints([request]).length).toBe(seriesOf([request]).size);
    }
  });

  async function run(yaml: string, until: () => boolean): Promise<void> {
    const collector = await startCollector(binary, yaml);
    try {
      await sink.until(until);
    } finally {
      await collector.stop();
    }
  }

  type Choice = { readonly criticalProcesses?: readonly string[]; readonly selection?: TopKSelection };

  async function hostYaml(
    { template, parameters }: Case,
    { criticalProcesses = [], selection }: Choice,
  ): Promise<string> {
    const rendered = renderPipeline({ template, parameters, host, criticalProcesses });
    return renderForHost(rendered, {
      variant: 'candidate',
      destination: { kind: 'none' },
      meterEndpoint: sink.endpoint,
      meterTokenEnv: 'METER_TOKEN',
      telemetryPort: await freePort(),
      ...(selection && { selection }),
    });
  }

  /** A second pipeline that sends each scrape as it came from the receiver. */
  function withRawCopy(yaml: string): string {
    const config = fromYaml(yaml);
    const raw = { receivers: ['hostmetrics'], processors: [], exporters: ['otlphttp/raw'] };
    return toYaml({
      ...config,
      exporters: {
        ...config.exporters,
        'otlphttp/raw': { endpoint: `${sink.endpoint}/raw`, compression: 'none' },
      },
      service: { ...config.service, pipelines: { ...config.service.pipelines, 'metrics/raw': raw } },
    });
  }
});

const everySecond: ParameterInput = { intervalSeconds: 1 };

function pidsOf(requests: readonly MetricsData[]): readonly bigint[] {
  const pids = requests
    .flatMap(({ resourceMetrics }) => resourceMetrics)
    .map(({ resource }) => attributeValue(resource.attributes, 'process.pid'));
  return [...new Set(pids.filter((pid) => typeof pid === 'bigint'))];
}

function memoryOf(request: MetricsData): bigint {
  return seriesPoints([request])
    .filter(({ metric }) => metric === 'process.memory.usage')
    .reduce((sum, { point }) => sum + BigInt(point.value ?? 0), 0n);
}
