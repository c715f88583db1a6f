import fc from 'fast-check';
import { attributeValue, decodeMetrics, type Metric, type MetricsData } from '#lib/otlp';
import { processMetricNames, processMetrics } from '../spec/process-metrics.js';
import {
  encodeRecording,
  fleetParametersSchema,
  MAX_RECORDING_POINTS,
  mergeRecordings,
  mostPointsOf,
  syntheticCriticalProcesses,
  syntheticRecording,
  syntheticWindows,
  type FleetParameters,
  type Recording,
} from './index.js';

const made = { tenant: 'default', createdAt: '2026-02-03T04:05:06.000Z' };
const fleetOf = (given: Partial<FleetParameters>): FleetParameters => fleetParametersSchema.parse(given);
const record = (given: Partial<FleetParameters>): Recording => syntheticRecording(fleetOf(given), made);

const scrapes = (given: Partial<FleetParameters>): readonly MetricsData[] =>
  syntheticWindows(fleetOf({ ...given, hosts: 1 })).map((window) => window.scrapes[0]!.data);
const text = (data: MetricsData, key: string): readonly unknown[] =>
  data.resourceMetrics.map(({ resource }) => attributeValue(resource.attributes, key));
const metricsOf = (data: MetricsData): readonly Metric[] =>
  data.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));

/** Each counter of each process with its value. */
const counters = (data: MetricsData): readonly { readonly series: string; readonly value: number }[] =>
  data.resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap((metric) => (metric.type === 'sum' && metric.monotonic ? [metric] : []))
      .flatMap(({ name, points }) =>
        points.map(({ attributes, value }) => ({
          series: JSON.stringify([
            Number(attributeValue(resource.attributes, 'process.pid')),
            name,
            attributes,
          ]),
          value: Number(value),
        })),
      ),
  );

describe('a made-up fleet', () => {
  test('has equal bytes for equal parameters, and others for another seed', () => {
    const fleet = fc.record({
      hosts: fc.integer({ min: 1, max: 2 }),
      processes: fc.integer({ min: 1, max: 12 }),
      seed: fc.nat(),
      churn: fc.double({ min: 0, max: 20, noNaN: true }),
    });
    fc.assert(
      fc.property(fleet, (given) => {
        const bytes = encodeRecording(record(given));
        expect(encodeRecording(record(given))).toEqual(bytes);
        expect(encodeRecording(record({ ...given, seed: given.seed + 1 }))).not.toEqual(bytes);
      }),
      { numRuns: 5 },
    );
  });

  test('without churn has every process in every scrape, and counts as announced', () => {
    const { header, windows } = record({ hosts: 2, processes: 40, churn: 0 });
    expect(header).toMatchObject({
      points: 2 * 40 * 6 * 9,
      series: 2 * 40 * 9,
      windows: 6,
      durationSeconds: 60,
    });
    expect(header.hosts).toEqual(['host-001', 'host-002']);
    expect(windows.map(({ at }) => at - windows[0]!.at)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000]);
  });

  test('with churn has processes that end and others that begin, under new pids', () => {
    const [first, ...later] = scrapes({ processes: 200, seconds: 240, intervalSeconds: 60 });
    const before = new Set(text(first!, 'process.pid'));
    const after = new Set(text(later.at(-1)!, 'process.pid'));
    const gone = [...before].filter((pid) => !after.has(pid));
    const come = [...after].filter((pid) => !before.has(pid));
    expect(gone.length).toBeGreaterThan(5);
    expect(come.length).toBeGreaterThan(5);
    // Daemons, which are two fifths of the places with the kernel's threads, stay.
    expect([...before].filter((pid) => after.has(pid)).length).toBeGreaterThan(80);
    for (const data of [first!, ...later])
      expect(new Set(text(data, 'process.pid')).size).toBe(data.resourceMetrics.length);
  });

  test('has the metrics, types and units that pipelines may ask the scraper for', () => {
    const [data] = scrapes({ processes: 10, seconds: 10 });
    expect([...new Set(metricsOf(data!).map(({ name }) => name))].sort()).toEqual(
      [...processMetricNames].sort(),
    );
    for (const metric of metricsOf(data!))
      expect(metric).toMatchObject({
        type: 'sum',
        temporality: 'cumulative',
        monotonic: processMetrics[metric.name as keyof typeof processMetrics].counter,
      });
  });

  test('has counters that never fall', () => {
    const last = new Map<string, number>();
    const fallen: string[] = [];
    for (const { series, value } of scrapes({ processes: 60, churn: 5 }).flatMap(counters)) {
      if (value < (last.get(series) ?? 0)) fallen.push(series);
      last.set(series, value);
    }
    expect(fallen).toEqual([]);
    expect(last.size).toBeGreaterThan(300);
  });

  test('says the same decoded as it does in its bytes', () => {
    const given = { processes: 20, hosts: 2, seconds: 30 };
    const decoded = record(given).windows.map(({ at, exports }) => ({
      at,
      scrapes: exports.map(({ body, host }) => ({ host, data: decodeMetrics(body) })),
    }));
    expect(decoded).toEqual(syntheticWindows(fleetOf(given)));
  });

  test('is used unevenly: few processes have most of the memory', () => {
    const [data] = scrapes({ processes: 400, seconds: 10 });
    const sizes = metricsOf(data!)
      .filter(({ name }) => name === 'process.memory.usage')
      .map(({ points }) => Number(points[0] !== undefined && 'value' in points[0] ? points[0].value : 0))
      .sort((a, b) => b - a);
    const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
    expect(sum(sizes.slice(0, sizes.length / 10)) / sum(sizes)).toBeGreaterThan(0.5);
  });

  test('holds its critical processes', () => {
    const [data] = scrapes({ processes: 200, seconds: 10 });
    expect(text(data!, 'process.executable.name')).toEqual(
      expect.arrayContaining([...syntheticCriticalProcesses]),
    );
  });

  test('is refused where it would be larger than a recording may be', () => {
    const largest = { hosts: 100, processes: 55, seconds: 60 };
    expect(mostPointsOf(fleetOf(largest))).toBeLessThanOrEqual(MAX_RECORDING_POINTS);
    expect(fleetParametersSchema.safeParse({ ...largest, processes: 56 }).success).toBe(false);
    expect(fleetParametersSchema.safeParse({ hosts: 0 }).success).toBe(false);
  });

  test('merges with one of other hosts, and with no other', () => {
    const one = record({ processes: 5 });
    const hosts = ['other'];
    const other: Recording = {
      header: { ...one.header, hosts },
      windows: one.windows.map(({ at, exports }) => ({
        at,
        exports: exports.map(({ body }) => ({ host: 'other', body })),
      })),
    };
    const both = mergeRecordings(one, other);
    expect(both.header).toMatchObject({ hosts: ['host-001', 'other'], points: 2 * one.header.points });
    expect(both.windows[0]!.exports).toHaveLength(2);
    expect(() => mergeRecordings(one, one)).toThrow('host-001 stands in both');
    expect(() => mergeRecordings(one, record({ seconds: 30 }))).toThrow('not-mergeable');
  });
});
