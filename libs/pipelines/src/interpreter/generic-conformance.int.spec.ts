import fc from 'fast-check';
import type { MetricsData } from '#lib/otlp';
import { freshMemory, interpret, renderPipeline, validateSpec, type Processor } from '../index.js';
import { processPipeline } from '../templates/common.js';
import { anyMetrics } from '../testing/any-metrics.js';
import { startCollectorOfPipelines, type CollectorOfPipelines } from '../testing/collector-of-pipelines.js';
import { differences } from '../testing/points.js';
import { fromYaml, toYaml } from '../render/collector-config.js';
import { withFacts } from '../render/host-facts.js';
import { conformanceCases } from '../testing/conformance-cases.js';
import { detectionCases, factsInTests } from '../testing/detection-cases.js';
import { collectorBinary } from '../testing/real-collector.js';

const host = { id: 'höst-"1"', labels: { env: 'a${b}$c' } };
const requestsEach = 40;
const cases = [...conformanceCases, ...detectionCases];

describe('processors for any metric, interpreted and in the real collector', () => {
  let collector: CollectorOfPipelines | undefined;
  let startedAt: bigint;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    const binary = await collectorBinary();
    startedAt = BigInt(Date.now()) * 1_000_000n;
    collector = await startCollectorOfPipelines(
      binary,
      cases.map(({ processors }) => onHost(source(processors))),
    );
  }, 900_000);

  afterAll(() => collector?.stop());

  it.each(cases)('emit the same points: $name', async ({ processors, changes, dense = false }) => {
    const { spec } = source(processors);
    expect(validateSpec(spec).filter(({ severity }) => severity === 'error')).toEqual([]);
    const place = cases.findIndex((one) => one.processors === processors);
    let memory = freshMemory(startedAt);
    let changed = 0;
    for (const request of requests({ startedAt, dense }, place)) {
      const interpreted = interpret({ spec, host, criticalProcesses, facts: factsInTests }, request, memory);
      memory = interpreted.memory;
      const collected = await collector!.through(place, request);
      expect(differences([interpreted.data], collected)).toEqual({ ours: [], theirs: [] });
      changed += Number(changes(request, interpreted.data));
    }
    // A case in which nothing is found to work on would prove nothing.
    expect(changed).toBeGreaterThan(requestsEach / 8);
  });
});

const criticalProcesses = ['nginx'];

/** As an agent writes it that knows its host. */
function onHost(request: ReturnType<typeof source>): string {
  const { yaml } = renderPipeline({ ...request, host, criticalProcesses });
  return toYaml(withFacts(fromYaml(yaml), factsInTests));
}

function source(processors: readonly Processor[]): { readonly spec: ReturnType<typeof processPipeline> } {
  return { spec: processPipeline(10, processors) };
}

/**
 * Later requests lie after earlier ones. Series began before the collector or well after it has started, some at
 * the very time of their first point.
 */
function requests(
  { startedAt, dense }: { readonly startedAt: bigint; readonly dense: boolean },
  seed: number,
): readonly MetricsData[] {
  const second = 1_000_000_000n;
  const later = startedAt + 60n * second;
  const begins = dense ? [later] : [0n, startedAt - 5n * second, later, later + second];
  return Array.from({ length: requestsEach }, (_, index) => {
    const now = later + BigInt(index * 3) * second;
    const times = { begins: dense ? begins : [...begins, now + second], now, grown: index * 20, dense };
    return fc.sample(anyMetrics(times), { numRuns: 1, seed: seed * requestsEach + index })[0]!;
  });
}
