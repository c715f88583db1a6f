import * as fc from 'fast-check';
import { encodeMetrics, type MetricsData } from '#lib/otlp';
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
