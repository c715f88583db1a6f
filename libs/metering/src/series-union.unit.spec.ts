import fc from 'fast-check';
import { hashText } from '#lib/otlp';
import { HyperLogLog, mergeBlock, seriesUnion, type BlockVariant, type WindowMessage } from './index.js';

/** The block of one minute with the series `from` up to `to`, as windows give it. */
function minuteBlock(minute: number, from: number, to: number, coveredSeconds = 60): BlockVariant {
  const start = minute * 60_000;
  const sketch = new HyperLogLog(14);
  for (let i = from; i < to; i++) sketch.add(hashText(String(i)));
  const series = { value: to - from, exact: true };
  const message: WindowMessage = {
    ...{ host: 'host-1', start: start + 50_000, seconds: 10, closedAt: start + 60_005, clockOffsetMs: null },
    ...{ identityVersion: 1, weights: [] },
    collectors: [
      {
        ...{ variant: 'baseline', instance: 'b1', configHash: 'hb' },
        ...{ coveredFrom: start + 60_000 - coveredSeconds * 1_000, coveredTo: start + 60_000 },
        ...{ points: to - from, bytes: 1, wireBytes: 1, requests: 1, malformed: 0, hostPoints: to - from },
        ...{ activeSeries: series, metrics: [], executables: [], freshness: null, use: null },
      },
    ],
    minute: {
      start,
      variants: [{ variant: 'baseline', coveredSeconds, series, sketch: sketch.toText(), attributes: [] }],
      difference: null,
    },
  };
  return mergeBlock([message], { start, seconds: 60 }).baseline!;
}
const silent = (block: BlockVariant): BlockVariant => ({
  ...block,
  ...{ sketch: null, uniqueSeries: null, activeSeries: null, windowSeries: null },
});

describe('the series of a host over its blocks', () => {
  it('are those of the one minute that there is, exactly, and none can have appeared', () => {
    const only = minuteBlock(0, 0, 1_000);
    expect(seriesUnion([silent(only), only, silent(only)])).toEqual({
      unique: { value: 1_000, standardError: 0 },
      appeared: null,
    });
    expect(seriesUnion([silent(only)])).toBeNull();
    expect(seriesUnion([])).toBeNull();
  });

  it('are the union of all minutes within the stated error; what the first block lacked has appeared', () => {
    const blocks = [0, 1, 2, 3].map((minute) => minuteBlock(minute, minute * 100, 1_000 + minute * 100));
    const { unique, appeared } = seriesUnion(blocks)!;
    expect(unique.standardError).toBeCloseTo(0.0081, 4);
    expect(Math.abs(unique.value / 1_300 - 1)).toBeLessThan(4 * unique.standardError);
    // 1.04 / 128 of the square root of 1,300² - 1,000².
    expect(appeared!.standardError).toBeGreaterThan(6);
    expect(appeared!.standardError).toBeLessThan(7.5);
    expect(Math.abs(appeared!.value - 300)).toBeLessThan(4 * appeared!.standardError);
    expect(appeared!.coveredSeconds).toBe(180);
  });

  it('appear within time that was covered between the first and the last sketch', () => {
    const [first, second, third] = [minuteBlock(0, 0, 10), minuteBlock(1, 0, 10, 40), minuteBlock(2, 0, 10)];
    const { appeared } = seriesUnion([silent(first), first, silent(second), third, silent(first)])!;
    expect(appeared).toEqual({ value: 0, standardError: 0, coveredSeconds: 100 });
  });

  it('are never fewer than were counted exactly in a window', () => {
    const block = minuteBlock(0, 0, 1_000);
    const more = { ...silent(block), windowSeries: { value: 1_200.4, standardError: 0 } };
    expect(seriesUnion([block, more])!.unique.value).toBe(1_201);
    expect(seriesUnion([block, more])!.unique.standardError).toBeGreaterThan(0);
  });

  it('state an error of what appeared that holds: root mean square over 40 runs', () => {
    const runs = Array.from({ length: 40 }, (_, run) => {
      const from = run * 100_000;
      return seriesUnion([minuteBlock(0, from, from + 2_000), minuteBlock(1, from, from + 2_500)])!.appeared!;
    });
    const rms = Math.sqrt(runs.reduce((sum, { value }) => sum + (value - 500) ** 2, 0) / runs.length);
    expect(rms).toBeLessThan(runs[0]!.standardError * 1.3);
  });

  it('only grow with further blocks, and are at least those of any block', () => {
    const spans = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 200 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(spans, (parts) => {
        const blocks = parts.map(([from, size], minute) => minuteBlock(minute, from, from + size));
        const { unique, appeared } = seriesUnion(blocks)!;
        for (const block of blocks) expect(unique.value).toBeGreaterThanOrEqual(block.activeSeries!.value);
        expect(appeared?.value ?? 0).toBeGreaterThanOrEqual(0);
        expect(seriesUnion(blocks.slice(0, 1))!.unique.value).toBeLessThanOrEqual(unique.value);
      }),
      { numRuns: 30 },
    );
  });
});
