import fc from 'fast-check';
import { hashText } from '#lib/otlp';
import { HyperLogLog } from './index.js';

const sketchOf = (from: number, to: number, precision = 14): HyperLogLog => {
  const sketch = new HyperLogLog(precision);
  for (let i = from; i < to; i++) sketch.add(hashText(`series ${i}`));
  return sketch;
};

describe('the sketch of series', () => {
  it.each([1, 10, 100, 1_000, 5_000, 10_000])(
    'errs by 1 % at most (root mean square) at %d series',
    (size) => {
      const errors = Array.from({ length: 12 }, (_, run) => {
        const from = run * 1_000_000;
        return sketchOf(from, from + size).estimate() / size - 1;
      });
      const rms = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
      expect(rms).toBeLessThanOrEqual(0.01);
    },
  );

  it('states an error that its estimates keep: four standard errors at 200,000 series', () => {
    const sketch = sketchOf(0, 200_000);
    expect(Math.abs(sketch.estimate() / 200_000 - 1)).toBeLessThan(4 * sketch.standardError);
  });

  it('is empty at first, and adding again changes nothing', () => {
    expect(new HyperLogLog(14).estimate()).toBe(0);
    const sketch = sketchOf(0, 500);
    const before = sketch.toText();
    for (let i = 0; i < 500; i++) sketch.add(hashText(`series ${i}`));
    expect(sketch.toText()).toBe(before);
  });

  it('gives by union what counting everything together would have given, in any order', () => {
    const spans = fc.array(fc.tuple(fc.nat(2_000), fc.nat(500)), { maxLength: 5 });
    fc.assert(
      fc.property(spans, (parts) => {
        const sketches = parts.map(([from, size]) => sketchOf(from, from + size, 10));
        const together = new HyperLogLog(10);
        for (const [from, size] of parts)
          for (let i = from; i < from + size; i++) together.add(hashText(`series ${i}`));
        const union = (list: readonly HyperLogLog[]): string =>
          list.reduce((all, one) => all.merge(one), new HyperLogLog(10)).toText();
        expect(union(sketches)).toBe(together.toText());
        expect(union([...sketches].reverse())).toBe(together.toText());
        expect(union([...sketches, ...sketches])).toBe(together.toText());
      }),
      { numRuns: 30 },
    );
  });

  it('survives its text form, which is short for few series', () => {
    for (const size of [0, 1, 300, 20_000]) {
      const text = sketchOf(0, size).toText();
      expect(HyperLogLog.fromText(text).toText()).toBe(text);
    }
    expect(sketchOf(0, 300).toText().length).toBeLessThan(1_200);
  });

  it('refuses texts that are no sketch, and sketches of another precision', () => {
    for (const text of ['', '14:', '14:16385', '3:8', '99:1', `14:16383!`, `14:${'9'.repeat(400)}`]) {
      expect(() => HyperLogLog.fromText(text)).toThrow(/bad-sketch/);
    }
    expect(() => sketchOf(0, 1, 10).merge(sketchOf(0, 1, 12))).toThrow(/bad-sketch/);
  });
});
