import {
  MAX_EXECUTABLES_PER_WINDOW,
  MAX_METRICS_PER_WINDOW,
  MAX_NAMESPACES_PER_WINDOW,
  MAX_SERVICES_PER_WINDOW,
  NONE,
  OTHER,
} from './limits.js';
import type { ExecutableWeight, NamedCount } from './model.js';
import { NO_NAME_INDEX, type NameRegistry } from './name-registry.js';
import type { ProcessUsage } from './process-usage.js';
import type { NamedCounts } from './window-counts.js';

/**
 * The counts of several collectors as named lists, each cut to the same names, so that a name is never
 * missing from one variant only because of the bound. The rest is added up in `(other)`. Sorted by name.
 */
export function metricLists(counts: readonly NamedCounts[], names: NameRegistry): NamedCount[][] {
  return bounded(
    counts.map((one) => listOf(one, names)),
    MAX_METRICS_PER_WINDOW,
  );
}

export function executableLists(counts: readonly NamedCounts[], names: NameRegistry): NamedCount[][] {
  return bounded(
    counts.map((one) => listOf(one, names)),
    MAX_EXECUTABLES_PER_WINDOW,
  );
}

/** As above, with `(none)` for points whose resource names no service, so that all points of the window are in it. */
export function serviceLists(counts: readonly NamedCounts[], names: NameRegistry): NamedCount[][] {
  return bounded(
    counts.map((one) => [...unnamedOf(one), ...listOf(one, names)]),
    MAX_SERVICES_PER_WINDOW,
  );
}

export function namespaceLists(counts: readonly NamedCounts[], names: NameRegistry): NamedCount[][] {
  return bounded(
    counts.map((one) => [...unnamedOf(one), ...listOf(one, names)]),
    MAX_NAMESPACES_PER_WINDOW,
  );
}

function bounded(lists: readonly (readonly NamedCount[])[], limit: number): NamedCount[][] {
  const total = new Map<string, number>();
  for (const { name, points } of lists.flat())
    if (name !== OTHER && name !== NONE) total.set(name, (total.get(name) ?? 0) + points);
  const ranked = [...total].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  const kept = new Set([NONE, ...ranked.slice(0, limit)]);
  return lists.map((list) =>
    addUp(list.map((count) => (kept.has(count.name) ? count : { ...count, name: OTHER }))),
  );
}

function listOf(counts: NamedCounts, names: NameRegistry): NamedCount[] {
  const list: NamedCount[] = [];
  counts.points.forEach((points, index) => {
    if (points > 0 && index !== NO_NAME_INDEX) {
      list.push({ name: names.name(index), points, series: counts.series[index] as number });
    }
  });
  return list;
}

function unnamedOf({ points, series }: NamedCounts): NamedCount[] {
  const count = points[NO_NAME_INDEX] as number;
  return count > 0 ? [{ name: NONE, points: count, series: series[NO_NAME_INDEX] as number }] : [];
}

/** One entry per name, sorted by name; points and series of equal names are added. */
export function addUp(list: readonly NamedCount[]): NamedCount[] {
  const byName = new Map<string, NamedCount>();
  for (const { name, points, series } of list) {
    const known = byName.get(name);
    byName.set(name, { name, points: points + (known?.points ?? 0), series: series + (known?.series ?? 0) });
  }
  return [...byName.values()].sort(byNameOrder);
}

/** The weights of the named executables: for each the first usage that knows it. */
export function weightsOf(
  usages: readonly ProcessUsage[],
  names: ReadonlySet<string>,
  at: number,
): ExecutableWeight[] {
  const weights = new Map<string, ExecutableWeight>();
  for (const usage of usages) {
    const sums = new Map<string, { cpu: number; rss: number }>();
    for (const { key, cpu, rss } of usage.scores(at)) {
      const sum = sums.get(key.executable) ?? { cpu: 0, rss: 0 };
      sums.set(key.executable, { cpu: sum.cpu + cpu, rss: sum.rss + rss });
    }
    for (const [name, { cpu, rss }] of sums) {
      if (names.has(name) && !weights.has(name)) {
        weights.set(name, { name, cpu: rounded(cpu), rssBytes: rounded(rss) });
      }
    }
  }
  return [...weights.values()].sort(byNameOrder);
}

/** Code units, not a locale: every machine must order alike. */
function byNameOrder(a: { readonly name: string }, b: { readonly name: string }): number {
  return Number(a.name > b.name) - Number(a.name < b.name);
}

/** Three significant digits: a weight needs no more, and the message stays small. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
