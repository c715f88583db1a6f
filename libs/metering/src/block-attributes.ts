import type { BlockAttribute } from './block.js';
import { HyperLogLog } from './hyperloglog.js';
import { MAX_BLOCK_ATTRIBUTES, OTHER } from './limits.js';
import type { MinuteSummary, Variant } from './model.js';

type Sketches = Map<string, HyperLogLog>;

/**
 * The attribute keys of both variants over minutes, each with the union of its values, sorted by key. Both are cut to
 * the same keys, those with the most values in either, so that none is missing from one only because of the bound.
 */
export function blockAttributes(
  minutes: readonly MinuteSummary[],
): Readonly<Record<Variant, readonly BlockAttribute[]>> {
  const [baseline, candidate] = [unionOf(minutes, 'baseline'), unionOf(minutes, 'candidate')];
  const kept = new Set(keysByValues([baseline, candidate]).slice(0, MAX_BLOCK_ATTRIBUTES));
  return { baseline: bounded(baseline, kept), candidate: bounded(candidate, kept) };
}

function unionOf(minutes: readonly MinuteSummary[], which: Variant): Sketches {
  const sketches: Sketches = new Map();
  for (const { variant, attributes } of minutes.flatMap(({ variants }) => variants)) {
    if (variant !== which) continue;
    for (const { key, sketch } of attributes) unite(sketches, key, HyperLogLog.fromText(sketch));
  }
  return sketches;
}

/** Adds a sketch to that of its key; the first one of a key becomes its own. */
export function unite(sketches: Sketches, key: string, sketch: HyperLogLog): void {
  const known = sketches.get(key);
  if (known === undefined) sketches.set(key, sketch);
  else known.merge(sketch);
}

function keysByValues(variants: readonly Sketches[]): readonly string[] {
  const most = new Map<string, number>();
  for (const [key, sketch] of variants.flatMap((sketches) => [...sketches])) {
    if (key !== OTHER) most.set(key, Math.max(Math.round(sketch.estimate()), most.get(key) ?? 0));
  }
  return [...most].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
}

function bounded(sketches: Sketches, kept: ReadonlySet<string>): readonly BlockAttribute[] {
  const list: Sketches = new Map();
  for (const [key, sketch] of sketches) unite(list, kept.has(key) ? key : OTHER, sketch);
  return [...list]
    .sort(([a], [b]) => Number(a > b) - Number(a < b))
    .map(([key, sketch]) => ({ key, sketch: sketch.toText() }));
}
