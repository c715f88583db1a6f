import fc from 'fast-check';
import {
  rankedNames,
  seriesByName,
  trafficByName,
  trafficOfAll,
  trafficRow,
  valuesRow,
  type NamedBlock,
} from './index.js';

const window = { from: 0, to: 60_000 };
const buckets = { rest: '(other)', unnamed: '(none)' };
const block = (host: string, names: NamedBlock['names'], coveredSeconds = 60): NamedBlock => ({
  ...{ host, coveredSeconds, names },
});
const named = (name: string, points: number, series: number) => ({ name, points, series });

describe('traffic by name', () => {
  const traffic = trafficByName([
    block('h1', [named('cpu', 600, 100), named('disk', 60, 10)]),
    block('h1', [named('cpu', 400, 80)], 30),
    block('h2', [named('disk', 120, 30)]),
  ]);

  test('is the mean over all blocks of a host, with zero where the name is missing, summed over hosts', () => {
    expect([...traffic]).toEqual([
      // (600 + 800) / 2 points a minute, (100 + 80) / 2 series.
      ['cpu', { series: 90, pointsPerMinute: 700 }],
      // h1: (60 + 0) / 2 and (10 + 0) / 2; h2: 120 and 30.
      ['disk', { series: 35, pointsPerMinute: 150 }],
    ]);
    expect(trafficOfAll(traffic, ['cpu', 'disk', 'nothing'])).toEqual({ series: 125, pointsPerMinute: 850 });
  });

  test('is ranked by the baseline, then by the candidate, without the buckets', () => {
    const baseline = new Map([
      ['a', 1],
      ['b', 9],
      ['(other)', 99],
    ]);
    const candidate = new Map([
      ['c', 5],
      ['d', 7],
      ['e', 5],
      ['(none)', 99],
    ]);
    expect(rankedNames({ baseline, candidate }, buckets)).toEqual(['b', 'a', 'd', 'c', 'e']);
  });

  test('reads as figures, and a name that the baseline lacks has no reduction', () => {
    const both = {
      baseline: { series: 80, pointsPerMinute: 480 },
      candidate: { series: 20, pointsPerMinute: 60 },
    };
    const about = { window, formulaVersion: 'named-series-block-mean/1' };
    expect(trafficRow('cpu', both, about)).toMatchObject({
      baseline: {
        series: { value: 80, unit: 'series' },
        pointsPerMinute: { value: 480, unit: 'points/min' },
      },
      reduction: { value: 0.75, unit: 'share of baseline', formulaVersion: 'reduction-of-sums/1' },
    });
    const gained = { baseline: { series: 0, pointsPerMinute: 0 }, candidate: both.candidate };
    expect(trafficRow('new', gained, about).reduction).toEqual({
      ...{ noData: true, reason: 'the baseline has nothing of this name' },
    });
  });

  test('adds up to the points of the variant where every point has a name', () => {
    const blocks = fc.array(
      fc.record({
        host: fc.constantFrom('h1', 'h2'),
        coveredSeconds: fc.integer({ min: 30, max: 60 }),
        points: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(1_000)), {
          selector: ([name]) => name,
        }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(blocks, (drawn) => {
        const list = drawn.map(({ points, ...rest }) => ({
          ...rest,
          names: points.map(([name, count]) => named(name, count, count)),
        }));
        const totals = trafficByName(
          list.map((one) => ({
            ...one,
            names: [
              named(
                'all',
                one.names.reduce((sum, { points }) => sum + points, 0),
                0,
              ),
            ],
          })),
        );
        const parts = trafficByName(list);
        const names = rankedNames({ baseline: seriesByName(parts), candidate: new Map() }, buckets);
        expect(trafficOfAll(parts, names).pointsPerMinute).toBeCloseTo(totals.get('all')!.pointsPerMinute, 6);
      }),
    );
  });
});

test('distinct values carry the error of their sketch, and none is exactly none', () => {
  const row = valuesRow('pid', { baseline: 100, candidate: 0 }, { window, standardError: 0.0325 });
  expect(row.baseline.distinctValues).toMatchObject({
    ...{ value: 100, unit: 'values', formulaVersion: 'distinct-values-union/1' },
    note: 'counted by sketch, standard error 3.3 %; the interval is that error alone',
  });
  expect(row.candidate.distinctValues).not.toHaveProperty('interval');
  expect(row.reduction).toMatchObject({ value: 1 });
});
