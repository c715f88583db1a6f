import * as fc from 'fast-check';
import { decodeMetrics, encodeMetrics, type MetricsData } from '#lib/otlp';
import { countRecording } from '#lib/pipelines';
import { captureLimits, ScrapeCapture, type CaptureLimits } from './scrape-capture.js';

const START = 1_700_000_000_000;

/** One request with so many points, scraped at `at`. */
function request(at: number, points = 3, first = 0): Uint8Array {
  const data: MetricsData = {
    resourceMetrics: [
      {
        resource: { attributes: [], droppedAttributesCount: 0 },
        scopeMetrics: [
          {
            scope: { name: 's', version: '', attributes: [], droppedAttributesCount: 0 },
            schemaUrl: '',
            metrics: Array.from({ length: points }, (_, index) => ({
              ...{ type: 'gauge', name: `m${first + index}`, description: '', unit: '', metadata: [] },
              points: [
                {
                  ...{ attributes: [], startTimeUnixNano: 0n, timeUnixNano: BigInt(at) * 1_000_000n },
                  ...{ value: 1n, flags: 0, exemplars: [] },
                },
              ],
            })),
          },
        ],
        schemaUrl: '',
      },
    ],
  };
  return encodeMetrics(data);
}

const capture = (windows: number, limits: Partial<CaptureLimits> = {}) =>
  new ScrapeCapture({ host: 'h1', intervalSeconds: 10, windows, limits: { ...captureLimits, ...limits } });

const namesIn = (body: Uint8Array): readonly string[] =>
  decodeMetrics(body).resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
  );

/** Of targets that are scraped at times of their own, each of which has one metric. */
const spread = (windows: number, limits: Partial<CaptureLimits> = {}) =>
  new ScrapeCapture({
    ...{ host: 'h1', intervalSeconds: 10, windows, limits: { ...captureLimits, ...limits } },
    scrapedOf: (body) => namesIn(body).join(),
  });
const contents = (taken: ScrapeCapture): readonly (readonly string[])[] =>
  [...taken.recorded()].map(({ exports }) => [...exports.flatMap(({ body }) => namesIn(body))].sort());

describe('the capture of scrapes', () => {
  it('makes one window of the requests of one scrape, and ends behind the last wanted one', () => {
    const taken = capture(2);
    for (const body of [request(START, 3), request(START, 2, 3), request(START + 10_000, 3)]) taken.add(body);
    expect([taken.windows, taken.isClosed]).toEqual([2, false]);
    taken.add(request(START + 20_000, 3));
    expect([taken.windows, taken.isClosed, taken.full]).toEqual([2, true, undefined]);
    const recorded = [...taken.recorded()];
    expect(recorded.map(({ at }) => at)).toEqual([START, START + 10_000]);
    expect(countRecording(recorded)).toEqual({ points: 8, series: 5 });
    expect(taken.size).toEqual({ points: 8, series: 5 });
  });

  it.each<[string, Partial<CaptureLimits>]>([
    ['points', { points: 7 }],
    ['bytes, packed', { bytes: 180 }],
    ['bytes, unpacked', { unpackedBytes: 200 }],
  ])('leaves out the window that has no room, by %s', (_what, limits) => {
    const taken = capture(9, limits);
    for (let window = 0; window < 9; window++) taken.add(request(START + window * 10_000, 3));
    expect(taken.windows).toBeGreaterThan(0);
    expect(taken.windows).toBeLessThan(9);
    expect(taken.full).toMatch(/^a recording/);
    expect(countRecording([...taken.recorded()])).toEqual(taken.size);
  });

  it('is empty where the first scrape has no room', () => {
    const taken = capture(2, { points: 2 });
    taken.add(request(START));
    expect([taken.windows, taken.size.points]).toEqual([0, 0]);
    expect(taken.full).toContain('2 points');
  });

  it('has one scrape of each target in a window, however late in the interval that is scraped', () => {
    const taken = spread(2);
    for (const start of [START, START + 10_000])
      for (const [target, late] of [0, 4_000, 9_900].entries()) taken.add(request(start + late, 1, target));
    expect(contents(taken)).toEqual([
      ['m0', 'm1', 'm2'],
      ['m0', 'm1', 'm2'],
    ]);
    expect(taken.isClosed).toBe(false);
    for (const [target, late] of [0, 4_000, 9_900].entries()) {
      expect(taken.isClosed).toBe(false);
      taken.add(request(START + 20_000 + late, 1, target));
    }
    expect([taken.isClosed, taken.size]).toEqual([true, { points: 6, series: 3 }]);
  });

  it('puts a page that took long into the window of its scrape', () => {
    const taken = spread(2);
    for (const [at, target] of [
      [START, 0],
      [START + 10_000, 0],
      [START + 9_000, 1],
      [START + 19_000, 1],
    ] as const)
      taken.add(request(at, 1, target));
    expect(contents(taken)).toEqual([
      ['m0', 'm1'],
      ['m0', 'm1'],
    ]);
    expect([...taken.recorded()].map(({ at }) => at)).toEqual([START, START + 10_000]);
  });

  it('counts late pages of the windows before where the last one has no room', () => {
    const taken = spread(9, { points: 4 });
    for (const [at, target] of [
      [START, 0],
      [START + 10_000, 0],
      [START + 9_000, 1],
      [START + 20_000, 0],
      [START + 19_000, 1],
    ] as const)
      taken.add(request(at, 1, target));
    expect([taken.windows, taken.isClosed]).toEqual([2, true]);
    expect(taken.size).toEqual({ points: 4, series: 2 });
    expect(countRecording(taken.recorded())).toEqual(taken.size);
  });

  it('counts what it gives back, however scrapes are split and late', () => {
    const scrape = fc.record({
      late: fc.integer({ min: 0, max: 2_000 }),
      points: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(scrape, { minLength: 1, maxLength: 8 }), (scrapes) => {
        const taken = capture(8);
        scrapes.forEach(({ late, points }, index) =>
          taken.add(request(START + index * 10_000 + (index === 0 ? 0 : late), points)),
        );
        expect(taken.windows).toBe(scrapes.length);
        expect(countRecording([...taken.recorded()])).toEqual(taken.size);
      }),
    );
  });
});
