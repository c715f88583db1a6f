import fc from 'fast-check';
import {
  encodeMetrics,
  hashAttribute,
  hashToBigInt,
  MetricsReader,
  seriesIdentity,
  seriesIdentityVersion,
  type Attribute,
  type Metric,
  type MetricsData,
  type SeriesKey,
} from './index.js';
import { anyValue, attributes, metric, metricsData, scope } from './testing/arbitrary.js';

const seriesKey: fc.Arbitrary<SeriesKey> = fc.record({
  resource: fc.record({ attributes }),
  scope,
  metric,
  attributes,
});
const identity = (key: SeriesKey): bigint => hashToBigInt(seriesIdentity(key));
const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

const about = { description: '', unit: 's', metadata: [] };
const sum = (parts: Partial<Extract<Metric, { type: 'sum' }>>): Metric => ({
  ...{ ...about, name: 'requests', type: 'sum', temporality: 'cumulative', monotonic: true, points: [] },
  ...parts,
});
const host = (value: Attribute['value']): Attribute => ({ key: 'host', value });
const plain: SeriesKey = {
  resource: { attributes: [host('a')] },
  scope: { name: 'lib', version: '1', attributes: [] },
  metric: sum({}),
  attributes: [{ key: 'code', value: 200n }],
};

/** Every point's identity, as the model rules define it. */
function byModel(data: MetricsData): bigint[] {
  return data.resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap((one) =>
      one.metrics.flatMap((each) =>
        each.points.map((point) =>
          identity({ resource, scope: one.scope, metric: each, attributes: point.attributes }),
        ),
      ),
    ),
  );
}

function byReader(data: MetricsData): bigint[] {
  const found: bigint[] = [];
  const visitor = {
    resource: () => undefined,
    metric: () => undefined,
    point: (point: { lo: number; hi: number }) => found.push(hashToBigInt(point)),
  };
  new MetricsReader().read(encodeMetrics(data), visitor);
  return found;
}

describe('the identity of a series', () => {
  it('does not depend on the order of attributes', () => {
    const reordered = seriesKey.chain((key) =>
      fc.record({
        key: fc.constant(key),
        resource: shuffled(key.resource.attributes),
        scope: shuffled(key.scope.attributes),
        point: shuffled(key.attributes),
      }),
    );
    fc.assert(
      fc.property(reordered, ({ key, resource, scope: scopeAttributes, point }) => {
        const other: SeriesKey = {
          resource: { attributes: resource },
          scope: { ...key.scope, attributes: scopeAttributes },
          metric: key.metric,
          attributes: point,
        };
        expect(identity(other)).toBe(identity(key));
      }),
    );
  });

  it('differs with each of its components', () => {
    const variants: SeriesKey[] = [
      plain,
      { ...plain, resource: { attributes: [host('b')] } },
      { ...plain, resource: { attributes: [] } },
      { ...plain, scope: { ...plain.scope, name: 'other' } },
      { ...plain, scope: { ...plain.scope, version: '2' } },
      { ...plain, scope: { ...plain.scope, name: 'lib1', version: '' } },
      { ...plain, scope: { ...plain.scope, attributes: [host('a')] } },
      { ...plain, metric: sum({ name: 'answers' }) },
      { ...plain, metric: sum({ temporality: 'delta' }) },
      { ...plain, metric: sum({ monotonic: false }) },
      { ...plain, metric: { ...about, name: 'requests', type: 'gauge', points: [] } },
      { ...plain, metric: { ...about, name: 'requests', type: 'summary', points: [] } },
      { ...plain, attributes: [] },
      { ...plain, attributes: [{ key: 'code', value: '200' }] },
      { ...plain, attributes: [{ key: 'code', value: 200 }] },
      { ...plain, attributes: [{ key: 'cod', value: 200n }] },
      { ...plain, attributes: [...plain.attributes, host('a')] },
    ];
    expect(new Set(variants.map(identity)).size).toBe(variants.length);
  });

  it('ignores what does not tell series apart: unit, description, values', () => {
    expect(identity({ ...plain, metric: { ...sum({}), unit: 'ms', description: 'changed' } })).toBe(
      identity(plain),
    );
  });

  it('is the same whether read point by point or computed from the model', () => {
    fc.assert(
      fc.property(metricsData, (data) => {
        expect(byReader(data)).toEqual(byModel(data));
      }),
    );
  });

  it('hashes equal values equally and, in practice, different values differently', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const same =
          hashToBigInt(hashAttribute({ key: 'k', value: a })) ===
          hashToBigInt(hashAttribute({ key: 'k', value: b }));
        expect(same).toBe(sameValue(a, b));
      }),
    );
  });

  it('spreads alike series over all bits: each half collides as rarely as random numbers do', () => {
    const low = new Set<number>();
    const high = new Set<number>();
    const many = 50_000;
    for (let pid = 0; pid < many; pid++) {
      const { lo, hi } = seriesIdentity({ ...plain, attributes: [{ key: 'pid', value: BigInt(pid) }] });
      low.add(lo);
      high.add(hi);
    }
    // Expected collisions n²/2³³ = 0.3; six or more happen less than once in 10⁶ hash functions.
    expect(many - low.size).toBeLessThan(6);
    expect(many - high.size).toBeLessThan(6);
  });

  it('is frozen per version: these figures change only together with the version', () => {
    expect(seriesIdentityVersion).toBe(1);
    expect(identity(plain).toString(16)).toBe('58f390c7d846b5a5');
  });
});

/** Equality of attribute values: kinds apart, maps as sets of members, every NaN alike. */
function sameValue(a: Attribute['value'], b: Attribute['value']): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: Attribute['value']): string {
  if (typeof value === 'number') return `double:${Object.is(value, -0) ? '-0' : value}`;
  if (value === null || typeof value !== 'object') return `${typeof value}:${JSON.stringify(String(value))}`;
  if (value instanceof Uint8Array) return `bytes:${value.join()}`;
  if ('keyValues' in value) {
    return `map{${value.keyValues
      .map((kv) => `${JSON.stringify(kv.key)}=${canonical(kv.value)}`)
      .sort()
      .join()}}`;
  }
  return `array[${value.map(canonical).join()}]`;
}
