import fc from 'fast-check';
import type { Metric, MetricsData } from '#lib/otlp';
import { freshMemory, interpret, renderPipeline, validateSpec, type Processor } from '../index.js';
import { processPipeline } from '../templates/common.js';
import { anyMetrics } from '../testing/any-metrics.js';
import { startCollectorOfPipelines, type CollectorOfPipelines } from '../testing/collector-of-pipelines.js';
import { differences } from '../testing/points.js';
import { collectorBinary } from '../testing/real-collector.js';
import { eachMetric, filterMetrics } from './filter-metrics.js';
import { mapPoints } from './points.js';

const host = { id: 'host-1', labels: {} };
const second = 1_000_000_000n;
const requestsEach = 6;

const cases: readonly { readonly name: string; readonly processors: readonly Processor[] }[] = [
  { name: 'everything that can be', processors: [{ kind: 'interval', seconds: 1, pass: [] }] },
  {
    name: 'neither gauges nor summaries',
    processors: [{ kind: 'interval', seconds: 1, pass: ['gauges', 'summaries'] }],
  },
  {
    name: 'what is left of attributes',
    processors: [
      { kind: 'keepAttributes', on: 'point', attributes: { names: ['state'], patterns: [] } },
      { kind: 'interval', seconds: 1, pass: [] },
    ],
  },
];

describe('an interval, interpreted and in the real collector', () => {
  let collector: CollectorOfPipelines | undefined;

  // The first call on a fresh machine may build the collector.
  beforeAll(async () => {
    const binary = await collectorBinary();
    const renderings = cases.map(({ processors }) => {
      const spec = processPipeline(10, processors);
      return renderPipeline({ spec, host, criticalProcesses: [] }).yaml;
    });
    collector = await startCollectorOfPipelines(binary, renderings);
  }, 900_000);

  afterAll(() => collector?.stop());

  it.each(cases)('holds back and lets go the same points: $name', async ({ processors }) => {
    const place = cases.findIndex((one) => one.processors === processors);
    const spec = processPipeline(10, processors);
    expect(validateSpec(spec).filter(({ severity }) => severity === 'error')).toEqual([]);
    const requests = requestsOf(place);
    let memory = freshMemory(start);
    const ours = [...requests, later].map((request) => {
      const { data, memory: next } = interpret({ spec, host, criticalProcesses: [] }, request, memory);
      memory = next;
      return data;
    });
    const { atOnce, held } = await inOneInterval(collector!, place, requests);
    // What passes leaves with its request; what is held leaves alone.
    expect(differences(ours.slice(0, -1), atOnce)).toEqual({ ours: [], theirs: [] });
    expect(differences(ours.slice(-1), held)).toEqual({ ours: [], theirs: [] });
    expect(points(held)).toBeGreaterThan(0);
    expect(points(held)).toBeLessThan(points(requests) - points(atOnce));
  });
});

type Output = { readonly atOnce: readonly MetricsData[]; readonly held: readonly MetricsData[] };

/**
 * Feeds the requests between two ticks of the collector's clock. A machine that is too slow for that tries again:
 * a tick shows as more than one output of a request.
 */
async function inOneInterval(
  collector: CollectorOfPipelines,
  place: number,
  requests: readonly MetricsData[],
): Promise<Output> {
  for (;;) {
    await collector.through(place, requests[0]!);
    await untilTick(collector, place);
    const atOnce: MetricsData[] = [];
    const before = collector.emitted(place).length;
    for (const request of requests) atOnce.push(...(await collector.through(place, request)));
    const sent = collector.emitted(place).length - before;
    await untilTick(collector, place);
    const held = collector.emitted(place).slice(before + sent);
    if (sent <= requests.length && points(held) > 0) return { atOnce, held };
  }
}

async function untilTick(collector: CollectorOfPipelines, place: number): Promise<void> {
  const before = collector.emitted(place).length;
  while (collector.emitted(place).length === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

const start = 1_700_000_000n * second;

/** A counter after the interval, so that the interpreter sees that it is over. */
const later: MetricsData = {
  resourceMetrics: [
    {
      resource: { attributes: [], droppedAttributesCount: 0 },
      schemaUrl: '',
      scopeMetrics: [
        {
          scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0 },
          schemaUrl: '',
          metrics: [counterAt(start + 2n * second)],
        },
      ],
    },
  ],
};

function counterAt(timeUnixNano: bigint): Metric {
  const point = { attributes: [], startTimeUnixNano: 0n, timeUnixNano, value: 1, exemplars: [], flags: 0 };
  return {
    type: 'sum',
    temporality: 'cumulative',
    monotonic: true,
    name: 'later',
    description: '',
    unit: '',
    metadata: [],
    points: [point],
  };
}

/** Points of several seconds, put together within a fraction of one, which is the interval. */
function requestsOf(seed: number): readonly MetricsData[] {
  return Array.from({ length: requestsEach }, (_, index) => {
    const now = start + BigInt(index) * second;
    const times = { begins: [start - second], now, grown: index, dense: true };
    const [any] = fc.sample(anyMetrics(times), { numRuns: 1, seed: seed * requestsEach + index });
    const typed = filterMetrics(any!, ({ type }) => type !== 'unset');
    return eachMetric(typed, (metric) =>
      mapPoints(metric, (point) => ({
        ...point,
        timeUnixNano: start + (point.timeUnixNano - start) / 20n,
      })),
    );
  });
}

function points(requests: readonly MetricsData[]): number {
  return requests
    .flatMap(({ resourceMetrics }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .reduce((sum, metric) => sum + metric.points.length, 0);
}
