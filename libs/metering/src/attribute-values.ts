import { unite } from './block-attributes.js';
import type { BlockVariant } from './block.js';
import { HyperLogLog } from './hyperloglog.js';
import { ATTRIBUTE_PRECISION } from './limits.js';

/** The relative standard error of a count of attribute values. */
export const ATTRIBUTE_ERROR = new HyperLogLog(ATTRIBUTE_PRECISION).standardError;

/**
 * The distinct values of each attribute key over blocks, of any number of hosts: a value that two hosts share counts
 * once. `null` where no block tells any, being of before they were kept or without a whole minute.
 */
export function attributeValues(blocks: readonly BlockVariant[]): ReadonlyMap<string, HyperLogLog> | null {
  const sketches = new Map<string, HyperLogLog>();
  for (const { key, sketch } of blocks.flatMap(({ attributes = [] }) => attributes)) {
    unite(sketches, key, HyperLogLog.fromText(sketch));
  }
  return sketches.size === 0 ? null : sketches;
}

/** Distinct pairs of key and value of several keys together; the hash of a value covers its key. */
export function valuesOfAll(values: ReadonlyMap<string, HyperLogLog>, keys: readonly string[]): number {
  const union = new HyperLogLog(ATTRIBUTE_PRECISION);
  for (const key of keys) {
    const sketch = values.get(key);
    if (sketch !== undefined) union.merge(sketch);
  }
  return Math.round(union.estimate());
}
