import { decodeMetrics, type MetricsData } from '#lib/otlp';
import { freshMemory, interpret, type Processor } from '#lib/pipelines';
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

/** One processor of each kind that works on any metric, set so that it has something to do. */
const SUBJECTS = {
  'drop-metrics': { kind: 'dropMetrics', metrics: like('^process\\.figure\\.[2-5]$') },
  'drop-points': {
    kind: 'dropPoints',
    where: [
      { test: 'matches', on: 'point', attribute: 'device', pattern: '^disk-[01]$' },
      { test: 'value', comparison: 'above', number: 5 },
    ],
  },
  'drop-attributes': { kind: 'dropAttributes', on: 'point', attributes: named('device', 'slot') },
  'aggregate-attributes': { kind: 'aggregateAttributes', away: named('slot', 'device'), gauges: 'mean' },
  'rename-attributes': { kind: 'renameAttributes', on: 'point', renames: [{ from: 'device', to: 'disk' }] },
  'classify-processes': {
    ...{ kind: 'classifyProcesses', attribute: 'tier', builtIn: true, otherwise: 'low' },
    classes: [{ name: 'high', executables: like('^service-1') }],
  },
  'cumulative-to-delta': { kind: 'cumulativeToDelta' },
} as const satisfies Readonly<Record<string, Processor>>;

type Metrics = MetricsData['resourceMetrics'][number]['scopeMetrics'][number]['metrics'][number];
type Subject = keyof typeof SUBJECTS;
const subjects = Object.keys(SUBJECTS) as readonly Subject[];

const described = (subject: Subject): Omit<Metric, 'name'> => ({
  unit: 'points/s',
  goal: { kind: 'reported' },
  what: `Requests of ${POINTS} points with 4 attributes through the interpreter with ${SUBJECTS[subject].kind} alone, against a plain copy of every point.`,
});

/** What interpreting costs, a kind of processor at a time. */
export const interpreterBench = bench({
  metrics: Object.fromEntries(subjects.map((subject) => [`interpreter.${subject}`, described(subject)])),
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
    for (const subject of subjects) {
      const pipeline = pipelineOf(SUBJECTS[subject]);
      let memory = freshMemory(BigInt(STARTED_AT) * 1_000_000n);
      const interpreted = (request: MetricsData): void =>
        void (memory = interpret(pipeline, request, memory).memory);
      const contest = {
        subject: () => rate(interpreted),
        ceiling: () => rate((request) => void copy(request)),
      };
      results[`interpreter.${subject}`] = await alternate(contest, ROUNDS);
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
