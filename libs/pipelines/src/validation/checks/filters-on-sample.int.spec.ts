import fc from 'fast-check';
import { encodeMetrics, type MetricsData } from '#lib/otlp';
import { freePort } from '#tools/embedded';
import { startOtlpSink } from '../../testing/otlp-sink.js';
import { collectorBinary, startCollector } from '../../testing/real-collector.js';
import { sample } from '../testing/sample.js';
import { validateCollectorConfig } from '../validate-collector-config.js';

type Filter = { readonly context: string; readonly conditions: readonly string[] };
type Outcome = 'all' | 'some' | 'none';

const quoted = (values: readonly string[]) =>
  fc.constantFrom(...values).map((value) => JSON.stringify(value));
const names = quoted(['process.cpu.time', 'process.threads', 'no.such']);
const patterns = quoted(['^process[.]', 'cpu', '^system', 'threads$', '^(a|p).*[.]t', '']);
const programs = quoted(['nginx', 'postgres', 'Nginx', '']);
const equality = fc.constantFrom('==', '!=');

const compared = (path: string, values: fc.Arbitrary<string>) =>
  fc.tuple(equality, values).map(([operator, value]) => `${path} ${operator} ${value}`);
const matched = (path: string, values: fc.Arbitrary<string>) =>
  values.map((value) => `IsMatch(${path}, ${value})`);

const pids = fc.constantFrom('1', '2', '3', '1.0', '"1"', 'nil');
const resourceTests = (owner: string) => [
  compared(`${owner}attributes["process.executable.name"]`, programs),
  matched(`${owner}attributes["process.executable.name"]`, patterns),
  compared(`${owner}attributes["process.pid"]`, pids),
  compared(`${owner}attributes["missing"]`, fc.constantFrom('nil', '"x"')),
];
const tests: Readonly<Record<string, readonly fc.Arbitrary<string>[]>> = {
  resource: resourceTests(''),
  metric: [compared('name', names), matched('name', patterns), ...resourceTests('resource.')],
  datapoint: [
    compared('metric.name', names),
    compared('attributes["state"]', quoted(['user', 'system', 'all', 'idle'])),
    matched('attributes["state"]', quoted(['^u', 'e', 'x'])),
    ...resourceTests('resource.'),
  ],
};

/** Conditions of up to three levels over what the sample holds and what it does not. */
function conditionOf(context: string, depth = 2): fc.Arbitrary<string> {
  const leaf = fc.oneof(...(tests[context] ?? []));
  if (depth === 0) return leaf;
  const inner = conditionOf(context, depth - 1);
  const joined = fc
    .tuple(inner, fc.constantFrom('and', 'or'), inner)
    .map(([left, word, right]) => `(${left}) ${word} (${right})`);
  return fc.oneof(
    leaf,
    joined,
    inner.map((part) => `not (${part})`),
  );
}

const filterArbitrary: fc.Arbitrary<Filter> = fc
  .constantFrom('resource', 'metric', 'datapoint')
  .chain((context) => conditionOf(context).map((condition) => ({ context, conditions: [condition] })));

const filters: readonly Filter[] = [
  ...fc.sample(filterArbitrary, { numRuns: 200, seed: 11 }),
  // Lists that drop everything although no condition of them does.
  { context: 'metric', conditions: ['name != "process.cpu.time"', 'name != "process.threads"'] },
  { context: 'metric', conditions: ['name == "process.cpu.time"', 'name == "process.threads"'] },
  { context: 'metric', conditions: ['not IsMatch(name, "^process[.]")', 'not IsMatch(name, "^system[.]")'] },
];

/** Every filter in a pipeline of its own, each of which sends what is left to a path of its own. */
function config(tried: readonly Filter[], sink: string, port: number): string {
  const each = <T>(make: (filter: Filter, at: number) => readonly [string, T]) =>
    Object.fromEntries(tried.map(make));
  return JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: each((filter, at) => [`filter/n${at}`, { metric_conditions: [filter] }]),
    exporters: each((_, at) => [
      `otlphttp/n${at}`,
      { metrics_endpoint: `${sink}/n${at}`, sending_queue: { enabled: false } },
    ]),
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: each((_, at) => [
        `metrics/n${at}`,
        { receivers: ['otlp'], processors: [`filter/n${at}`], exporters: [`otlphttp/n${at}`] },
      ]),
    },
  });
}

function pointsIn(requests: readonly MetricsData[]): number {
  const metrics = requests.flatMap(({ resourceMetrics }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)),
  );
  return metrics.reduce((sum, { points }) => sum + points.length, 0);
}

function outcome(kept: number): Outcome {
  if (kept === 0) return 'none';
  return kept === pointsIn([sample]) ? 'all' : 'some';
}

/** What our findings say of a filter. */
function predicted(filter: Filter): Outcome {
  const findings = validateCollectorConfig(config([filter], 'http://127.0.0.1', 1), { sample });
  const rules = findings.map(({ rule }) => rule);
  if (rules.includes('filter-matches-everything') || rules.includes('filter-drops-everything')) return 'none';
  return rules.includes('filter-matches-nothing') ? 'all' : 'some';
}

it('what the findings say of filters on a sample is what the real collector does', async () => {
  const sink = await startOtlpSink();
  const port = await freePort();
  const collector = await startCollector(await collectorBinary(), config(filters, sink.endpoint, port));
  try {
    // Without queues the answer comes when every pipeline is through.
    const response = await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(encodeMetrics(sample)),
    });
    expect(response.status).toBe(200);
    const real = filters.map((_, at) => outcome(pointsIn(sink.at(`/n${at}`))));
    const said = filters.map(predicted);
    expect(new Set(real)).toEqual(new Set(['all', 'some', 'none']));
    const differing = filters
      .map((filter, at) => ({ filter, real: real[at], said: said[at] }))
      .filter((one) => one.real !== one.said);
    expect(differing).toEqual([]);
  } finally {
    await collector.stop();
    await sink.stop();
  }
});
