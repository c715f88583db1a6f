import type { MetricsData } from '#lib/otlp';
import { sample } from '../testing/sample.js';
import { validateCollectorConfig } from '../validate-collector-config.js';

const config = (filter: string, before = '') => `receivers:
  otlp: {protocols: {grpc: }}
processors:
  resource: {attributes: [{key: a, value: b, action: upsert}]}
  filter:
    ${filter}
exporters:
  otlphttp: {endpoint: "https://collector.example.org"}
service:
  pipelines:
    metrics: {receivers: [otlp], processors: [${before === '' ? 'filter' : `${before}, filter`}], exporters: [otlphttp]}
`;

const conditions = (list: readonly string[], context?: string) => {
  const quoted = list.map((one) => `'${one}'`).join(', ');
  return context === undefined
    ? `metric_conditions: [${quoted}]`
    : `metric_conditions: [{context: ${context}, conditions: [${quoted}]}]`;
};

const rules = (yaml: string, data: MetricsData = sample) =>
  validateCollectorConfig(yaml, { sample: data })
    .map(({ rule }) => rule)
    .filter((rule) => rule !== 'unused-component');

describe('on a sample, a filter that matches', () => {
  it.each([
    ['metric.name == "process.threads"', undefined],
    ['IsMatch(metric.name, "^process[.]cpu")', undefined],
    ['resource.attributes["process.executable.name"] != "nginx"', undefined],
    ['attributes["process.pid"] == 1', 'resource'],
    ['name == "process.threads" and resource.attributes["process.pid"] == 2', 'metric'],
    ['attributes["state"] == "user"', 'datapoint'],
    ['not (metric.name == "process.threads" or datapoint.attributes["state"] == "user")', undefined],
  ])('a part of it is fine: %s', (condition, context) => {
    expect(rules(config(conditions([condition], context)))).toEqual([]);
  });

  it.each([
    ['metric.name == "process.cpu.tmie"', undefined],
    ['IsMatch(metric.name, "^system[.]")', undefined],
    ['attributes["process.executable.name"] == "Nginx"', 'resource'],
    ['attributes["process.pid"] == "1"', 'resource'],
    ['attributes["state"] == "idle"', 'datapoint'],
    ['resource.attributes["missing"] == "x" or metric.name == ""', undefined],
  ])('nothing is found: %s', (condition, context) => {
    expect(rules(config(conditions([condition], context)))).toEqual(['filter-matches-nothing']);
  });

  it.each([
    [['IsMatch(metric.name, "^process[.]")'], undefined],
    [['metric.name == "process.threads"', 'metric.name == "process.cpu.time"'], undefined],
    [['attributes["process.pid"] != nil'], 'resource'],
    [['attributes["missing"] == nil'], 'datapoint'],
  ])('all of it is found: %j', (list, context) => {
    expect(rules(config(conditions(list, context)))).toEqual(['filter-matches-everything']);
  });

  it('in words that we do not know is left alone', () => {
    for (const condition of [
      'HasAttrOnDatapoint("state", "none")',
      'metric.type == METRIC_DATA_TYPE_SUM',
      'value_double > 3',
    ])
      expect(rules(config(conditions([condition], 'metric')))).toEqual([]);
  });

  it('is known by one part where that decides', () => {
    expect(rules(config(conditions(['IsOdd(name) and name == "nothing"'], 'metric')))).toEqual([
      'filter-matches-nothing',
    ]);
    expect(rules(config(conditions(['IsOdd(name) or name != "nothing"'], 'metric')))).toEqual([
      'filter-matches-everything',
    ]);
  });

  it('in the older spelling is tried as well', () => {
    expect(rules(config('metrics: {metric: [name == "no.such"]}'))).toEqual(['filter-matches-nothing']);
    expect(rules(config('metrics: {metric: [name == "process.threads"]}'))).toEqual([]);
  });

  it('behind a processor that changes attributes is left alone', () => {
    expect(rules(config(conditions(['metric.name == "no.such"']), 'resource'))).toEqual([]);
  });

  it('is not judged without a sample, or by an empty one', () => {
    const yaml = config(conditions(['metric.name == "no.such"']));
    expect(rules(yaml, { resourceMetrics: [] })).toEqual([]);
    expect(validateCollectorConfig(yaml).map(({ rule }) => rule)).toEqual(['unused-component']);
  });
});
