import fc from 'fast-check';
import { decodeMetrics, encodeMetrics, seriesIdentity, type MetricsData } from '#lib/otlp';
import { anyMetrics } from '../testing/any-metrics.js';
import { Layouts } from './layouts.js';
import { SharedLists } from './shared-lists.js';

const now = 1_800_000_000_000n * 1_000_000n;
const requests = fc.array(anyMetrics({ begins: [0n, now], now, grown: 0, dense: false }), {
  minLength: 1,
  maxLength: 3,
});

const scopesOf = ({ resourceMetrics }: MetricsData) =>
  resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);

/** The slow way: how many points each series has, by the identities that the meter gives them. */
function countsOf(scope: ReturnType<typeof scopesOf>[number]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const metric of scope.metrics)
    for (const { attributes } of metric.points) {
      const key = { resource: { attributes: [] }, scope: scope.scope, metric, attributes };
      const { hi, lo } = seriesIdentity(key);
      counts.set(`${hi} ${lo}`, (counts.get(`${hi} ${lo}`) ?? 0) + 1);
    }
  return counts;
}

describe('layouts', () => {
  test('have as many series and points as the identities of the points say, expected or not', () => {
    fc.assert(
      fc.property(requests, fc.boolean(), (given, expected) => {
        const layouts = new Layouts();
        // Twice, so that paths are walked that were opened before.
        for (const data of [...given, ...given]) {
          if (expected) layouts.expect(data);
          for (const scope of scopesOf(data)) {
            const { points, series } = layouts.scope(scope).layout;
            const counts = countsOf(scope);
            expect(series.map((one) => one.points)).toEqual([...counts.values()]);
            expect(points).toBe([...counts.values()].reduce((sum, count) => sum + count, 0));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('are one object for equal metrics, and tell the same shapes by the same objects in any layout', () => {
    fc.assert(
      fc.property(requests, (given) => {
        const layouts = new Layouts();
        const shapes = new Map<string, unknown>();
        for (const scope of given.flatMap(scopesOf)) {
          const { layout } = layouts.scope(scope);
          expect(layouts.scope(structuredClone(scope)).layout).toBe(layout);
          [...countsOf(scope).keys()].forEach((identity, index) => {
            const shape = layout.series[index]?.shape;
            expect(shapes.get(identity) ?? shape).toBe(shape);
            shapes.set(identity, shape);
          });
        }
        expect(new Set(shapes.values()).size).toBe(shapes.size);
      }),
      { numRuns: 60 },
    );
  });
});

describe('shared lists', () => {
  test('change nothing in what was decoded, and are one object for what says the same', () => {
    fc.assert(
      fc.property(requests, (given) => {
        const bodies = given.map((data) => encodeMetrics(data));
        const shared = new SharedLists();
        for (const body of bodies) {
          const [one, other] = [shared.share(decodeMetrics(body)), shared.share(decodeMetrics(body))];
          expect(one).toEqual(decodeMetrics(body));
          expect(encodeMetrics(one)).toEqual(encodeMetrics(decodeMetrics(body)));
          scopesOf(one).forEach(({ metrics, scope }, index) => {
            expect(scopesOf(other)[index]?.scope.attributes.length).toBe(scope.attributes.length);
            for (const [place, metric] of metrics.entries())
              metric.points.forEach(({ attributes }, at) => {
                const again = scopesOf(other)[index]?.metrics[place]?.points[at]?.attributes;
                if (attributes.length < 4) expect(again).toBe(attributes);
              });
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});
