import type { HashedAttribute } from '#lib/otlp';
import { HyperLogLog } from './hyperloglog.js';
import {
  ATTRIBUTE_PRECISION,
  MAX_ATTRIBUTE_KEYS,
  MAX_NAME_LENGTH,
  OTHER,
  SERIES_PRECISION,
} from './limits.js';
import type { MinuteVariant } from './model.js';
import { SeriesTable } from './series-table.js';

/** The series that one collector sent within one minute: exact up to a bound, a sketch for the rest. */
export class MinuteSeries {
  readonly table = new SeriesTable();
  private overflow: HyperLogLog | null = null;
  private readonly attributes = new Map<string, HyperLogLog>();

  get isExact(): boolean {
    return this.overflow === null;
  }

  overflowSeries(lo: number, hi: number): void {
    this.overflow ??= new HyperLogLog(SERIES_PRECISION);
    this.overflow.add({ lo, hi });
  }

  /** Counts the values of a new series. The hash covers the key too, which is constant within its sketch. */
  values(attributes: readonly HashedAttribute[]): void {
    for (const hashed of attributes) this.sketchOf(hashed.attribute.key).add(hashed);
  }

  addTo(sketch: HyperLogLog): void {
    for (const entry of this.table.entries()) sketch.add(entry);
    if (this.overflow !== null) sketch.merge(this.overflow);
  }

  addAttributesTo(sketches: Map<string, HyperLogLog>): void {
    for (const [key, sketch] of this.attributes) {
      const known = sketches.get(key);
      if (known === undefined) sketches.set(key, sketch);
      else known.merge(sketch);
    }
  }

  private sketchOf(key: string): HyperLogLog {
    const known = this.attributes.get(key);
    if (known !== undefined) return known;
    const short = this.attributes.size < MAX_ATTRIBUTE_KEYS ? key.slice(0, MAX_NAME_LENGTH) : OTHER;
    const sketch = this.attributes.get(short) ?? new HyperLogLog(ATTRIBUTE_PRECISION);
    this.attributes.set(short, sketch);
    return sketch;
  }
}

/** The sketch of all series of several collectors. */
export function unionSketch(parts: readonly MinuteSeries[]): HyperLogLog {
  const sketch = new HyperLogLog(SERIES_PRECISION);
  for (const part of parts) part.addTo(sketch);
  return sketch;
}

/** The distinct values of each attribute key, most first. */
export function attributeSketches(parts: readonly MinuteSeries[]): MinuteVariant['attributes'] {
  const sketches = new Map<string, HyperLogLog>();
  for (const part of parts) part.addAttributesTo(sketches);
  return [...sketches]
    .map(([key, sketch]) => ({ key, sketch: sketch.toText(), distinct: sketch.estimate() }))
    .sort((a, b) => b.distinct - a.distinct || (a.key < b.key ? -1 : 1))
    .slice(0, MAX_ATTRIBUTE_KEYS + 1)
    .map(({ key, sketch }) => ({ key, sketch }));
}
