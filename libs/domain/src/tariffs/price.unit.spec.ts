import fc from 'fast-check';
import { priceMonthly, projectUsage, savingMonthly, tariffById, tariffs, type Tariff } from './index.js';

const tariff = (id: string): Tariff => tariffById(id)!;

/** 1,000 hosts in a month of 730 hours; each series sends a point every so many seconds. */
const fleet = (activeSeries: number, intervalSeconds: number) =>
  projectUsage({ activeSeries, pointsPerMinute: (activeSeries * 60) / intervalSeconds, hosts: 1000 });

const streams = {
  '5.0 M series @60 s': fleet(5_000_000, 60),
  '1.5 M series @60 s': fleet(1_500_000, 60),
  '5.0 M series @15 s': fleet(5_000_000, 15),
  '5.0 M series @120 s': fleet(5_000_000, 120),
};

/**
 * Worked by hand from the list prices, without free tiers. `free` is what the vendor's free tier takes off:
 * 10,000 series at $6.50 a thousand for Grafana, 40 M samples at $0.90 for 10 M for AMP.
 */
const golden = [
  { id: 'grafana-cloud-pro', free: 65, prices: [32_519, 9_769, 130_019, 32_519] },
  { id: 'aws-amp', free: 3.6, prices: [7_775, 2_410, 18_914, 3_943] },
  { id: 'google-managed-prometheus', free: 0, prices: [11_112, 3_754, 30_624, 5_856] },
  { id: 'datadog-custom-metrics', free: 0, prices: [245_000, 70_000, 245_000, 245_000] },
  { id: 'aws-cloudwatch', free: 0, prices: [144_500, 74_500, 144_500, 144_500] },
];
const cases = golden.flatMap(({ id, free, prices }) =>
  Object.entries(streams).map(([name, usage], i) => ({ id, name, usage, free, price: prices[i]! })),
);

describe('the price of a month', () => {
  test.each(cases)('of $name under $id is $price less a free tier of $free', ({ id, usage, free, price }) => {
    expect(Math.round(priceMonthly(tariff(id), usage).value + free)).toBe(price);
  });

  test('halving the frequency is worth nothing where series are billed', () => {
    const [often, rarely] = [streams['5.0 M series @60 s'], streams['5.0 M series @120 s']];
    expect(savingMonthly(tariff('grafana-cloud-pro'), often, rarely)).toBe(0);
    expect(savingMonthly(tariff('google-managed-prometheus'), often, rarely)).toBe(5256);
    expect(savingMonthly(tariff('google-managed-prometheus'), rarely, often)).toBe(-5256);
  });

  test('is broken down by tier', () => {
    expect(priceMonthly(tariff('grafana-cloud-pro'), fleet(12_345, 60))).toEqual({
      value: 34.24,
      unit: 'USD/month',
      formulaVersion: 'price-monthly/1',
      breakdown: [
        { item: 'platform fee', quantity: 1, amount: 19 },
        { item: 'series from 0 to 10000', quantity: 10_000, amount: 0 },
        { item: 'series from 10000 on', quantity: 2_345, amount: 15.24 },
      ],
    });
  });

  test('of nothing is the platform fee, also where hosts include more than is sent', () => {
    const nothing = projectUsage({ activeSeries: 0, pointsPerMinute: 0, hosts: 1 });
    expect(tariffs.map((one) => priceMonthly(one, nothing).value)).toEqual([19, 0, 0, 0, 0]);
    expect(priceMonthly(tariff('datadog-custom-metrics'), { ...nothing, activeSeries: 99 }).value).toBe(0);
  });

  test.each(tariffs)('under $id never falls when more is sent', (one) => {
    const amount = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(
      fc.property(amount, amount, fc.constantFrom(10, 15, 60), (a, b, interval) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)];
        expect(priceMonthly(one, fleet(fewer, interval)).value).toBeLessThanOrEqual(
          priceMonthly(one, fleet(more, interval)).value,
        );
      }),
    );
  });

  test('of a usage that is no amount is refused', () => {
    expect(() => priceMonthly(tariff('aws-amp'), { ...fleet(1, 60), samplesPerMonth: NaN })).toThrow(
      RangeError,
    );
    expect(() => priceMonthly(tariff('aws-amp'), { ...fleet(1, 60), hosts: -1 })).toThrow(RangeError);
  });

  test('tariffs say where their numbers come from, have unique ids and rising tiers', () => {
    expect(new Set(tariffs.map(({ id }) => id)).size).toBe(tariffs.length);
    for (const { source, asOf, tiers } of tariffs) {
      expect(source).toMatch(/^https:/);
      expect(asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      const ends = tiers.map(({ upTo }) => upTo ?? Infinity);
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
      expect(ends.at(-1)).toBe(Infinity);
    }
  });
});
