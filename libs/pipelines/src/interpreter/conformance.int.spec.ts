import fc from 'fast-check';
import { encodeMetrics, type MetricsData } from '#lib/otlp';
import { freePort } from '#tools/embedded';
import { freshMemory, interpret, renderForHost, renderPipeline, type InterpretedPipeline } from '../index.js';
import { fromYaml, toYaml } from '../render/collector-config.js';
import { specOf, type PipelineSource } from '../render/render-pipeline.js';
import { processPipeline } from '../templates/common.js';
import { startOtlpSink } from '../testing/otlp-sink.js';
import { collectorBinary, startCollector } from '../testing/real-collector.js';
import { scrapeHistory } from '../testing/scrape-history.js';
import { markerResource } from '../testing/scrapes.js';
import { pointLines } from '../testing/series.js';

const host = { id: 'höst-"1"', labels: { env: 'a${b}$c', 'team/unit': '42' } };
const criticalProcesses = ['nginx', 'we"ird\\$name${x}'];
const selection = {
  members: [
    { pid: 5, executable: 'node' },
    { pid: 7, executable: 'größe' },
  ],
};

const sources: readonly (PipelineSource & { readonly name: string })[] = [
  { name: 'baseline', template: 'baseline', parameters: {} },
  { name: 'topk', template: 'topk', parameters: {} },
  { name: 'aggregated by executable', template: 'aggregated', parameters: { importantProcesses: ['a b'] } },
  { name: 'aggregated by class', template: 'aggregated', parameters: { groupBy: 'class' } },
  { name: 'hybrid', template: 'hybrid', parameters: {} },
  {
    name: 'thresholds',
    spec: processPipeline(10, [
      {
        ...{ kind: 'keepAboveThresholds', cpuCores: 0.1, memoryBytes: 0, offPercent: 50 },
        ...{ minSecondsBetweenSwaps: 20, maxSwapsPerHour: 6 },
      },
    ]),
  },
  { name: 'adaptive', template: 'adaptive', parameters: {} },
  { name: 'dynamic that merges the others', template: 'dynamic', parameters: { others: 'class' } },
  {
    name: 'priority-filter that merges low tiers',
    template: 'priority-filter',
    parameters: { highProcesses: ['a b'], mediumProcesses: ['postgres', 'größe'], groupBy: 'class' },
  },
  {
    name: 'priority-filter that drops the low tier',
    template: 'priority-filter',
    parameters: { highProcesses: ['a b'], mediumProcesses: ['postgres', 'größe'], lowTier: 'drop' },
  },
  { name: 'minimal', template: 'minimal', parameters: {} },
  { name: 'minimal with states', template: 'minimal', parameters: { cpuStates: 'apart' } },
  { name: 'aggressive', template: 'aggressive', parameters: {} },
];

describe('the interpreter and the real collector', () => {
  let binary: string;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    binary = await collectorBinary();
  }, 900_000);

  it.each(sources)('emit the same series with the same points: $name', async (source) => {
    const startedAt = BigInt(Date.now()) * 1_000_000n;
    const scrapes = markedScrapes(startedAt);
    const interpreted = interpretAll(
      { spec: specOf(source), host, criticalProcesses, selection },
      scrapes,
      startedAt,
    );
    const collected = await collectAll(source, scrapes);
    expect(collected.length).toBe(interpreted.length);
    collected.forEach((output, index) =>
      expect(pointLines(output)).toEqual(pointLines([interpreted[index]!])),
    );
  });

  /** Feeds the scrapes one by one to a real collector and gives what came out for each. */
  async function collectAll(
    source: PipelineSource,
    scrapes: readonly MetricsData[],
  ): Promise<readonly (readonly MetricsData[])[]> {
    const sink = await startOtlpSink();
    const port = await freePort();
    const collector = await startCollector(binary, await overOtlp(source, port, sink.endpoint));
    const outputs: (readonly MetricsData[])[] = [];
    try {
      for (const [index, scrape] of scrapes.entries()) {
        const before = sink.at('/v1/metrics').length;
        await post(port, scrape);
        const fresh = (): readonly MetricsData[] => sink.at('/v1/metrics').slice(before);
        await sink.until(() => fresh().some((request) => markerOf(request) === BigInt(index)));
        outputs.push(fresh());
      }
    } finally {
      await collector.stop();
      await sink.stop();
    }
    return outputs;
  }
});

function interpretAll(
  pipeline: InterpretedPipeline,
  scrapes: readonly MetricsData[],
  startedAt: bigint,
): readonly MetricsData[] {
  let memory = freshMemory(startedAt);
  return scrapes.map((scrape) => {
    const { data, memory: next } = interpret(pipeline, scrape, memory);
    memory = next;
    return data;
  });
}

/** Several histories in a row; the last resource of each scrape tells when all of it has come through. */
function markedScrapes(startedAt: bigint): readonly MetricsData[] {
  const span = 70_000_000_000n;
  // Later histories lie wholly after earlier ones and all of them after the collector's own start, but together
  // they stay below the time after which silent series are forgotten: the collector goes by the wall clock there.
  const histories = Array.from({ length: 8 }, (_, index) => startedAt + BigInt(index) * span).flatMap(
    (base, index) => fc.sample(scrapeHistory(base), { numRuns: 1, seed: index })[0]!,
  );
  return histories.map(({ resourceMetrics }, index) => ({
    resourceMetrics: [...resourceMetrics, markerResource(BigInt(index))],
  }));
}

function markerOf({ resourceMetrics }: MetricsData): number | bigint | null | undefined {
  const metrics = resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((inScope) => inScope.metrics);
  const marker = metrics.find(({ name }) => name === 'marker');
  return marker?.type === 'gauge' ? marker.points[0]?.value : undefined;
}

/** The configuration as a host would run it, but fed over OTLP instead of by scraping. */
async function overOtlp(source: PipelineSource, port: number, sink: string): Promise<string> {
  const rendered = renderPipeline({ ...source, host, criticalProcesses });
  const yaml = renderForHost(rendered, {
    variant: 'candidate',
    destination: { kind: 'none' },
    meterEndpoint: sink,
    meterTokenEnv: 'METER_TOKEN',
    telemetryPort: await freePort(),
    selection,
  });
  const config = fromYaml(yaml);
  return toYaml({
    ...config,
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    // The batch only decides when data leaves; here each scrape may leave at once.
    processors: { ...config.processors, batch: { timeout: '1ms' } },
    // The ranking tap is left out: fed faster than any scraper, its short queue would refuse scrapes.
    service: {
      ...config.service,
      pipelines: { metrics: { ...config.service.pipelines['metrics']!, receivers: ['otlp'] } },
    },
  });
}

async function post(port: number, scrape: MetricsData): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeMetrics(scrape)),
  });
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${await response.text()}`);
}
