import fc from 'fast-check';
import { MEASURED_FROM } from '../testing/evidence.js';
import { volumeKpis, type HostSeries, type VolumeBlock } from './index.js';

const block = (host: string, minute: number, change: Partial<VolumeBlock> = {}): VolumeBlock => ({
  ...{ host, start: MEASURED_FROM + minute * 60_000, seconds: 60, coveredSeconds: 60 },
  ...{ points: 600, bytes: 60_000, wireBytes: 6_000 },
  drops: { sampledSeconds: 60, refused: 0, failed: 0 },
  ...change,
});
const series = (host: string, change: Partial<HostSeries> = {}): HostSeries => ({
  ...{ host, unique: { value: 240, standardError: 0 } },
  appeared: { value: 10, standardError: 8, coveredSeconds: 3_600 },
  ...change,
});

// One host watched for a block and a half, with drops in both; another for one block, without any.
const blocks = [
  block('h1', 0, { drops: { sampledSeconds: 60, refused: 6, failed: 0 } }),
  block('h1', 1, {
    ...{ coveredSeconds: 30, points: 300, bytes: 45_000, wireBytes: 1_500 },
    drops: { sampledSeconds: 30, refused: 0, failed: 6 },
  }),
  block('h2', 0, { points: 88, bytes: 6_000, wireBytes: 1_000 }),
];
const hosts = [
  series('h1', {
    unique: { value: 1_000, standardError: 0.01 },
    appeared: { value: 30, standardError: 3, coveredSeconds: 1_800 },
  }),
  series('h2'),
];

describe('what a variant sent, lost and renewed', () => {
  const kpis = volumeKpis(blocks, hosts);

  test('adds up the hosts, each with the mean of its blocks per covered minute', () => {
    // h1: 60,000 and 45,000 in half a minute = 90,000, so 75,000; h2: 6,000.
    expect(kpis.bytesPerMinute).toEqual({
      ...{ value: 81_000, unit: 'bytes/min', formulaVersion: 'bytes-per-covered-minute/1' },
      window: { from: '2026-05-04T10:00:00.000Z', to: '2026-05-04T10:02:00.000Z' },
    });
    // h1: 6,000 and 3,000, so 4,500; h2: 1,000.
    expect(kpis.wireBytesPerMinute).toMatchObject({ value: 5_500, unit: 'bytes/min' });
  });

  test('counts refused and failed points as drops, per sampled minute and as a share', () => {
    // h1: 6 and 12 a minute, so 9; h2: none.
    expect(kpis.dropsPerMinute).toMatchObject({ value: 9, unit: 'points/min' });
    // 12 of 988 sent and 12 lost.
    expect(kpis.dropShare).toMatchObject({ value: 0.012, unit: 'share of points' });
  });

  test('states the error of sketches with the unique series', () => {
    expect(kpis.uniqueSeries).toMatchObject({
      ...{ value: 1_240, unit: 'series', formulaVersion: 'unique-series-union/1' },
      // 1 % of 1,000 and nothing of 240.
      note: 'counted by sketch, standard error 0.8 %; the interval is that error alone',
      interval: { kind: 'confidence', level: 0.95 },
    });
    const { interval } = kpis.uniqueSeries as { interval: { low: number; high: number } };
    expect(interval.low).toBeCloseTo(1_240 - 19.6, 2);
    expect(interval.high).toBeCloseTo(1_240 + 19.6, 2);
    const exact = volumeKpis(blocks.slice(2), hosts.slice(1)).uniqueSeries;
    expect(exact).toMatchObject({ value: 240 });
    expect(exact).not.toHaveProperty('interval');
    expect(exact).not.toHaveProperty('note');
  });

  test('gives churn as series that appeared per covered hour', () => {
    // h1: 30 in half an hour = 60 an hour (error 6); h2: 10 an hour (error 8).
    expect(kpis.churn).toMatchObject({ value: 70, unit: 'series/h', interval: { kind: 'confidence' } });
    expect((kpis.churn as { interval: { low: number } }).interval.low).toBeCloseTo(70 - 19.6, 2);
    const none = { value: 0, standardError: 0, coveredSeconds: 1_800 };
    expect(volumeKpis(blocks.slice(2), [series('h2', { appeared: none })]).churn).toMatchObject({
      ...{ value: 0, note: 'the sketch saw none appear' },
    });
  });
});

describe('what was not measured is no data, never zero', () => {
  const reasonOf = (figure: object): unknown => ('reason' in figure ? figure.reason : figure);

  test('without a block', () => {
    for (const figure of Object.values(volumeKpis([], []))) {
      expect(reasonOf(figure)).toBe('no block holds both variants yet');
    }
  });

  test('where a host has no whole minute, or only one', () => {
    const noMinute = [hosts[0]!, series('h2', { unique: null, appeared: null })];
    expect(reasonOf(volumeKpis(blocks, noMinute).uniqueSeries)).toMatch(/none has ended on every host/);
    const oneMinute = [hosts[0]!, series('h2', { appeared: null })];
    expect(volumeKpis(blocks, oneMinute).uniqueSeries).toHaveProperty('value', 1_240);
    expect(reasonOf(volumeKpis(blocks, oneMinute).churn)).toMatch(/after the first block/);
  });

  test('where nothing was compressed on the way to the meter', () => {
    const plain = blocks.map((one) => ({ ...one, wireBytes: one.bytes }));
    expect(reasonOf(volumeKpis(plain, hosts).wireBytesPerMinute)).toMatch(/do not compress/);
    expect(volumeKpis(plain, hosts).bytesPerMinute).toHaveProperty('value', 81_000);
  });

  test('where the collectors of a host could not be sampled', () => {
    const unsampled = [...blocks.slice(0, 2), block('h2', 0, { drops: null })];
    const { dropsPerMinute, dropShare, bytesPerMinute } = volumeKpis(unsampled, hosts);
    expect([reasonOf(dropsPerMinute), reasonOf(dropShare)]).toEqual([
      'the collectors of a host could not be sampled',
      'the collectors of a host could not be sampled',
    ]);
    expect(bytesPerMinute).toHaveProperty('value');
  });
});

test('the figures depend on the set of blocks alone, and all of two equal hosts are twice those of one', () => {
  const amount = fc.nat({ max: 1_000_000 });
  const some = fc
    .array(
      fc.record({
        ...{ points: amount, bytes: amount, wireBytes: amount },
        coveredSeconds: fc.integer({ min: 30, max: 60 }),
        drops: fc.record({
          sampledSeconds: fc.integer({ min: 10, max: 60 }),
          refused: amount,
          failed: amount,
        }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.map((part, minute) => block('h1', minute, part)));
  fc.assert(
    fc.property(some, (own) => {
      const both = [...own, ...own.map((one) => ({ ...one, host: 'h2' }))];
      const one = volumeKpis(own, [series('h1')]);
      const two = volumeKpis(both, [series('h1'), series('h2')]);
      expect(volumeKpis([...both].reverse(), [series('h2'), series('h1')])).toEqual(two);
      for (const name of ['bytesPerMinute', 'wireBytesPerMinute', 'dropsPerMinute', 'churn'] as const) {
        if ('noData' in one[name]) continue;
        expect((two[name] as { value: number }).value).toBeCloseTo(
          2 * (one[name] as { value: number }).value,
          3,
        );
      }
      const shareOf = (kpis: typeof one) => ('value' in kpis.dropShare ? kpis.dropShare.value : 0);
      expect(shareOf(two)).toBeCloseTo(shareOf(one), 12);
      expect(shareOf(one)).toBeLessThanOrEqual(1);
    }),
  );
});
