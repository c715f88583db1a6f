import fc from 'fast-check';
import { hashText } from '#lib/otlp';
import { HyperLogLog, mergeBlock, reduction, type CollectorWindow, type WindowMessage } from './index.js';
import { asVersion1, windowMessage } from './testing/arbitrary-windows.js';

const span = { start: 0, seconds: 300 };

const collector = (start: number, parts: Partial<CollectorWindow> = {}): CollectorWindow => ({
  ...{ variant: 'baseline', instance: 'b1', configHash: 'hb', coveredFrom: start, coveredTo: start + 10_000 },
  ...{ points: 100, bytes: 1_000, wireBytes: 100, requests: 1, malformed: 0, hostPoints: 100 },
  ...{ activeSeries: { value: 100, exact: true }, metrics: [], executables: [], freshness: null, use: null },
  ...parts,
});
const message = (start: number, parts: Partial<WindowMessage> = {}): WindowMessage => ({
  ...{
    host: 'host-1',
    start,
    seconds: 10,
    closedAt: start + 10_005,
    clockOffsetMs: null,
    identityVersion: 1,
  },
  ...{ weights: [], collectors: [collector(start)], minute: null },
  ...parts,
});
const sketchOf = (from: number, to: number): string => {
  const sketch = new HyperLogLog(14);
  for (let i = from; i < to; i++) sketch.add(hashText(String(i)));
  return sketch.toText();
};
const minuteOf = (start: number, from: number, to: number): WindowMessage['minute'] => ({
  start,
  variants: [
    {
      variant: 'baseline',
      coveredSeconds: 60,
      series: { value: to - from, exact: true },
      sketch: sketchOf(from, to),
      attributes: [],
    },
  ],
  difference: null,
});

describe('a block', () => {
  it('depends on the set of windows alone: not on their order, nor on how often one came', () => {
    const arrivals = fc.array(windowMessage, { maxLength: 12 }).chain((messages) =>
      fc.record({
        messages: fc.constant(messages),
        again: fc
          .subarray(messages)
          .chain((some) =>
            fc.shuffledSubarray([...messages, ...some], { minLength: messages.length + some.length }),
          ),
      }),
    );
    fc.assert(
      fc.property(arrivals, ({ messages, again }) => {
        expect(mergeBlock(again, span)).toEqual(mergeBlock(messages, span));
      }),
    );
  });

  it('takes the window that was closed last, and never adds it to the one before', () => {
    const late = message(0, { closedAt: 10_500, collectors: [collector(0, { points: 7 })] });
    expect(mergeBlock([late, message(0)], span).baseline).toMatchObject({ points: 7, windows: 1 });
  });

  it('states covered, missing and doubly covered time', () => {
    const swap = [collector(10_000), collector(10_000, { instance: 'b2', coveredFrom: 16_000 })];
    const block = mergeBlock([message(0), message(10_000, { collectors: swap })], { start: 0, seconds: 60 });
    expect(block).toMatchObject({ windows: 2, candidate: null });
    expect(block.baseline).toMatchObject({ coveredSeconds: 20, gapSeconds: 40, overlapSeconds: 4 });
    expect(block.baseline).toMatchObject({ points: 300, pointsPerMinute: 900, instances: ['b1', 'b2'] });
  });

  it('leaves out windows that start outside of it', () => {
    expect(mergeBlock([message(300_000)], span)).toMatchObject({ windows: 0, baseline: null });
  });

  it('counts series exactly from one minute, and by union with a stated error from several', () => {
    const one = mergeBlock([message(50_000, { minute: minuteOf(0, 0, 1_000) })], { start: 0, seconds: 60 });
    expect(one.baseline?.uniqueSeries).toEqual({ value: 1_000, standardError: 0 });
    const two = mergeBlock(
      [
        message(50_000, { minute: minuteOf(0, 0, 1_000) }),
        message(110_000, { minute: minuteOf(60_000, 500, 1_500) }),
      ],
      span,
    );
    const unique = two.baseline!.uniqueSeries!;
    expect(unique.standardError).toBeCloseTo(0.0081, 4);
    expect(Math.abs(unique.value / 1_500 - 1)).toBeLessThan(4 * unique.standardError);
    expect(two.baseline?.activeSeries).toEqual({ value: 1_000, standardError: 0 });
  });

  it('has no series where no sketch came: no data, not zero', () => {
    expect(mergeBlock([message(0)], span).baseline).toMatchObject({ activeSeries: null, uniqueSeries: null });
  });

  it('counts series per window from collectors that were watched for the whole of it and sent something', () => {
    const series = (start: number, value: number, parts: Partial<CollectorWindow> = {}) =>
      collector(start, { activeSeries: { value, exact: true }, ...parts });
    const block = mergeBlock(
      [
        message(0, { collectors: [series(0, 100)] }),
        message(10_000, { collectors: [series(10_000, 50, { coveredFrom: 14_000 })] }),
        message(20_000, { collectors: [series(20_000, 120), series(20_000, 90, { instance: 'b2' })] }),
        message(30_000, { collectors: [series(30_000, 0, { points: 0 })] }),
        message(40_000, {
          collectors: [series(40_000, 110), series(40_000, 130, { instance: 'b2', coveredFrom: 47_000 })],
        }),
      ],
      span,
    );
    expect(block.baseline?.windowSeries).toEqual({ value: 110, standardError: 0 });
  });

  it('has no series per window where none was covered whole, and zero where all were silent', () => {
    const part = mergeBlock([message(0, { collectors: [collector(0, { coveredTo: 9_000 })] })], span);
    expect(part.baseline?.windowSeries).toBeNull();
    const nothing = { points: 0, activeSeries: { value: 0, exact: true } };
    const silent = mergeBlock([message(0, { collectors: [collector(0, nothing)] })], span);
    expect(silent.baseline?.windowSeries).toEqual({ value: 0, standardError: 0 });
  });

  it('gives memory as the 95th percentile and the highest, and sums CPU and drops over sampled windows', () => {
    const messages = Array.from({ length: 20 }, (_, i) => {
      const use = { cpuSeconds: 0.5, rssBytes: (i + 1) * 10, refused: 1, failed: 2 };
      return message(i * 10_000, { collectors: [collector(i * 10_000, { use })] });
    });
    expect(mergeBlock([...messages, message(200_000)], span).baseline?.use).toEqual({
      ...{ sampledSeconds: 200, cpuSeconds: 10, rssP95Bytes: 190, rssMaxBytes: 200, refused: 20, failed: 40 },
    });
  });

  it('adds up services, and has none at all where a window does not tell them', () => {
    const counted = (start: number, points: number) =>
      message(start, {
        collectors: [
          collector(start, { services: [{ name: 'cart', points, series: points / 2 }], namespaces: [] }),
        ],
      });
    expect(mergeBlock([counted(0, 10), counted(10_000, 20)], span).baseline).toMatchObject({
      services: [{ name: 'cart', points: 30, series: 10, windows: 2 }],
      namespaces: [],
    });
    const { baseline } = mergeBlock([asVersion1(counted(0, 10)), counted(10_000, 20)], span);
    expect(baseline).not.toHaveProperty('services');
    expect(baseline).not.toHaveProperty('namespaces');
  });

  it('unites the values of each attribute key, with the same keys in both variants', () => {
    const values = (from: number, to: number): string => {
      const sketch = new HyperLogLog(10);
      for (let i = from; i < to; i++) sketch.add(hashText(`value ${i}`));
      return sketch.toText();
    };
    const few = Array.from({ length: 40 }, (_, i) => ({
      key: `key-${String(i).padStart(2, '0')}`,
      sketch: values(i, i + 1),
    }));
    const withKeys = (start: number, from: number, to: number): WindowMessage => {
      const minute = minuteOf(start - 50_000, 0, 10)!;
      const [one] = minute.variants;
      const baseline = { ...one!, attributes: [...few, { key: 'pid', sketch: values(from, to) }] };
      const candidate = { ...one!, variant: 'candidate' as const, attributes: few.slice(35) };
      return message(start, {
        minute: { ...minute, variants: [baseline, candidate] },
        collectors: [collector(start), collector(start, { variant: 'candidate', instance: 'c1' })],
      });
    };
    const block = mergeBlock([withKeys(50_000, 0, 50), withKeys(110_000, 25, 75)], span);
    const estimates = (variant: 'baseline' | 'candidate') =>
      new Map(
        block[variant]!.attributes!.map(({ key, sketch }) => [
          key,
          Math.round(HyperLogLog.fromText(sketch).estimate()),
        ]),
      );
    const before = estimates('baseline');
    expect(Math.abs(before.get('pid')! - 75)).toBeLessThanOrEqual(4);
    // The bound keeps pid and the first 31 of the 40 keys with one value; nine share the rest.
    expect(before.size).toBe(33);
    expect([before.get('key-30'), before.get('key-31'), before.get('(other)')]).toEqual([1, undefined, 9]);
    expect([...estimates('candidate')]).toEqual([['(other)', 5]]);
    expect(mergeBlock([message(0)], span).baseline?.attributes).toEqual([]);
  });

  it('of several hosts is refused', () => {
    expect(() => mergeBlock([message(0), message(0, { host: 'host-2' })], span)).toThrow(/mixed-hosts/);
  });
});

describe('the reduction of a block', () => {
  const both = (baseline: number, candidate: number) =>
    mergeBlock(
      [
        message(0, {
          collectors: [
            collector(0, { points: baseline }),
            collector(0, { variant: 'candidate', points: candidate }),
          ],
        }),
      ],
      span,
    );

  it('is one minus candidate over baseline', () => {
    expect(reduction(both(100, 25), 'pointsPerMinute')).toEqual({
      value: 0.75,
      baseline: 600,
      candidate: 150,
    });
    expect(reduction(both(100, 150), 'pointsPerMinute')).toMatchObject({ value: -0.5 });
  });

  it('is no data, with the reason, where a side has none', () => {
    expect(reduction(both(100, 0), 'pointsPerMinute')).toEqual({ noData: true, reason: 'candidate-empty' });
    expect(reduction(both(0, 10), 'pointsPerMinute')).toEqual({ noData: true, reason: 'baseline-empty' });
    expect(reduction(both(1, 1), 'activeSeries')).toEqual({ noData: true, reason: 'baseline-unmeasured' });
    expect(reduction(mergeBlock([message(0)], span), 'pointsPerMinute')).toEqual({
      ...{ noData: true, reason: 'candidate-missing' },
    });
    expect(reduction(mergeBlock([], span))).toEqual({ noData: true, reason: 'baseline-missing' });
  });
});
