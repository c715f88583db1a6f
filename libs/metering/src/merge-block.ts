import { blockAttributes } from './block-attributes.js';
import { blockVariant, type BlockSpan, type KeyedCollector, type KeyedMinute } from './block-variant.js';
import type { Block, BlockDifference, BlockWeight } from './block.js';
import { MeteringError } from './errors.js';
import type { CollectorWindow, WindowMessage } from './model.js';

/**
 * Merges one host's windows that start within the span. Windows may come in any order and more than once:
 * of several for one key (variant, instance, config hash, start) the one closed last counts, so a replay replaces
 * and never adds. Throws `MeteringError` `mixed-hosts`; an empty list gives a block without variants.
 */
export function mergeBlock(messages: readonly WindowMessage[], span: BlockSpan): Block {
  const host = messages[0]?.host ?? '';
  if (messages.some((message) => message.host !== host)) throw new MeteringError('mixed-hosts', host);
  const inside = messages.filter(
    ({ start }) => start >= span.start && start < span.start + span.seconds * 1000,
  );
  const collectors = newestOf(inside.flatMap(keyedCollectors), keyOfCollector);
  const minutes = newestOf(inside.flatMap(keyedMinutes), ({ start }) => String(start).padStart(16, '0'));
  const windows = newestOf(inside, ({ start }) => String(start).padStart(16, '0'));
  const evidence = { collectors, minutes, attributes: blockAttributes(minutes) };
  return {
    host,
    ...span,
    windows: new Set(collectors.map(({ start }) => start)).size,
    identityVersions: [...new Set(windows.map((window) => window.identityVersion))].sort((a, b) => a - b),
    clockOffsetMs: worstOffset(windows),
    weights: blockWeights(windows),
    baseline: blockVariant('baseline', span, evidence),
    candidate: blockVariant('candidate', span, evidence),
    differences: minutes.flatMap(differenceOf),
  };
}

function keyedCollectors({ start, seconds, closedAt, collectors }: WindowMessage): KeyedCollector[] {
  return collectors.map((collector: CollectorWindow) => ({ ...collector, start, seconds, closedAt }));
}

function keyedMinutes({ minute, closedAt }: WindowMessage): KeyedMinute[] {
  return minute === null ? [] : [{ ...minute, closedAt }];
}

function keyOfCollector({ start, variant, instance, configHash }: KeyedCollector): string {
  return JSON.stringify([String(start).padStart(16, '0'), variant, instance, configHash]);
}

/** One item per key, sorted by key, so that sums of doubles do not depend on the order of arrival. */
function newestOf<T extends { readonly closedAt: number }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): T[] {
  const newest = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const known = newest.get(key);
    if (known === undefined || isNewer(item, known)) newest.set(key, item);
  }
  return [...newest].sort(([a], [b]) => Number(a > b) - Number(a < b)).map(([, item]) => item);
}

/** Two messages closed at the same time differ only if a host misbehaves; their text then decides, not their order. */
function isNewer<T extends { readonly closedAt: number }>(item: T, known: T): boolean {
  if (item.closedAt !== known.closedAt) return item.closedAt > known.closedAt;
  return JSON.stringify(item) > JSON.stringify(known);
}

function worstOffset(windows: readonly WindowMessage[]): number | null {
  let worst: number | null = null;
  for (const { clockOffsetMs } of windows) {
    if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > Math.abs(worst ?? 0)) worst = clockOffsetMs;
    else worst ??= clockOffsetMs;
  }
  return worst;
}

function blockWeights(windows: readonly WindowMessage[]): BlockWeight[] {
  const sums = new Map<string, { cpu: number; count: number; rssBytes: number }>();
  for (const { name, cpu, rssBytes } of windows.flatMap((window) => window.weights)) {
    const sum = sums.get(name) ?? { cpu: 0, count: 0, rssBytes: 0 };
    sums.set(name, {
      cpu: sum.cpu + cpu,
      count: sum.count + 1,
      rssBytes: Math.max(sum.rssBytes, rssBytes),
    });
  }
  return [...sums]
    .sort(([a], [b]) => Number(a > b) - Number(a < b))
    .map(([name, { cpu, count, rssBytes }]) => ({ name, cpu: cpu / count, rssBytes }));
}

function differenceOf({ start, difference }: KeyedMinute): BlockDifference[] {
  if (difference === null) return [];
  const { lost, gained, lostExecutables, lostMetrics } = difference;
  const exact = lost.exact && gained.exact;
  return [{ start, lost: lost.value, gained: gained.value, exact, lostExecutables, lostMetrics }];
}
