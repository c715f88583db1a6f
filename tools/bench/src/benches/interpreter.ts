import { decodeMetrics, type MetricsData } from '#lib/otlp';
import { freshMemory, interpret, type Processor, type ProcessorKind } from '#lib/pipelines';
import { bench, type Measurement, type Metric } from '../harness/bench.js';
import { alternate, ratePerSecond } from '../harness/rounds.js';
import { scrape, seriesOf, type Shape } from '../load/scrape.js';

const SHAPE: Shape = { processes: 40, metricsEach: 10, pointsEach: 20 };
const POINTS = seriesOf(SHAPE);
const REQUESTS = 10;
const ROUNDS = 5;
const STARTED_AT = 1_800_000_000_000;

const named = (...names: readonly string[]) => ({ names, patterns: [] });
const like = (...patterns: readonly string[]) => ({ names: [], patterns });

const userOnFirstDisks = [
  { test: 'matches', on: 'point', attribute: 'device', pattern: '^disk-[01]$' },
  { test: 'value', comparison: 'above', number: 5 },
] as const;

/** Those that only decide when data leaves, and those whose sets are applied as `keepTopK` applies its own. */
type Unmeasured = 'memoryLimiter' | 'batch' | 'keepAboveThresholds' | 'keepAdaptive';
type Measured = Exclude<ProcessorKind, Unmeasured>;

/** One processor of each kind, set so that it has something to do. */
const SUBJECTS: { readonly [K in Measured]: Omit<Extract<Processor, { kind: K }>, 'kind'> } = {
  keepTopK: { k: 20, rankBy: 'cpu', marginPercent: 20, minSecondsBetweenSwaps: 60 },
  mergeProcesses: { by: 'executable', keep: ['service-1'] },
  keepMetrics: { metrics: like('^process\\.figure\\.[2-5]$') },
  dropMetrics: { metrics: like('^process\\.figure\\.[2-5]$') },
  keepPoints: { where: userOnFirstDisks },
  dropPoints: { where: userOnFirstDisks },
  keepAttributes: { on: 'point', attributes: named('state', 'direction') },
  dropAttributes: { on: 'point', attributes: named('device', 'slot') },
  aggregateAttributes: { away: named('slot', 'device'), gauges: 'mean' },
  renameMetrics: { renames: [{ from: 'process.figure.2', to: 'process.figure.two' }] },
  renameAttributes: { on: 'point', renames: [{ from: 'device', to: 'disk' }] },
  classifyProcesses: {
    ...{ attribute: 'tier', builtIn: true, otherwise: 'low' },
    classes: [{ name: 'high', executables: like('^service-1') }],
  },
  cumulativeToDelta: {},
  interval: { seconds: 60, pass: [] },
  resourceDetection: { detectors: ['env', 'system'], override: true },
  identifyHost: {},
};

const facts = { env: { team: 'shop' }, system: { 'host.name': 'h1', 'os.type': 'linux' } } as const;
/** A set as large as the processor asks for. */
const selection = {
  members: Array.from({ length: 20 }, (_, i) => ({ pid: 1000 + i, executable: `service-${i}` })),
};

type Metrics = MetricsData['resourceMetrics'][number]['scopeMetrics'][number]['metrics'][number];
const kinds = Object.keys(SUBJECTS) as readonly Measured[];
const nameOf = (kind: Measured): string =>
  `interpreter.${kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const described = (kind: Measured): Omit<Metric, 'name'> => ({
  unit: 'points/s',
  goal: { kind: 'reported' },
  what: `Requests of ${POINTS} points with 4 attributes through the interpreter with ${kind} alone, against a plain copy of every point.`,
});

/** What interpreting costs, a kind of processor at a time. */
export const interpreterBench = bench({
  metrics: Object.fromEntries(kinds.map((kind) => [nameOf(kind), described(kind)])),
  run: async () => {
    const requests = Array.from({ length: REQUESTS }, (_, i) =>
      decodeMetrics(scrape(SHAPE, STARTED_AT + i * 10_000)),
    );
    const rate = (take: (request: MetricsData) => void): Promise<number> =>
      ratePerSecond(REQUESTS * POINTS, () => {
        requests.forEach(take);
        return Promise.resolve();
      });
    const results: Record<string, Measurement> = {};
    for (const kind of kinds) {
      const pipeline = pipelineOf({ kind, ...SUBJECTS[kind] } as Processor);
      let memory = freshMemory(BigInt(STARTED_AT) * 1_000_000n);
      const interpreted = (request: MetricsData): void =>
        void (memory = interpret(pipeline, request, memory).memory);
      const contest = {
        subject: () => rate(interpreted),
        ceiling: () => rate((request) => void copy(request)),
      };
      results[nameOf(kind)] = await alternate(contest, ROUNDS);
    }
    return results;
  },
});

function pipelineOf(processor: Processor): Parameters<typeof interpret>[0] {
  return {
    spec: {
      source: { kind: 'hostmetrics', intervalSeconds: 10, processMetrics: ['process.cpu.time'] },
      processors: [processor],
      destination: { ref: 'default' },
    },
    host: { id: 'bench', labels: {} },
    criticalProcesses: [],
    facts,
    selection,
  };
}

function copy({ resourceMetrics }: MetricsData): MetricsData {
  return {
    resourceMetrics: resourceMetrics.map((item) => ({
      ...item,
      scopeMetrics: item.scopeMetrics.map((inScope) => ({
        ...inScope,
        metrics: inScope.metrics.map((metric) => {
          const points: readonly Metrics['points'][number][] = metric.points;
          return { ...metric, points: points.map((point) => ({ ...point })) } as Metrics;
        }),
      })),
    })),
  };
}
