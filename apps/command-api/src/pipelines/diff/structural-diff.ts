import { diffArrays } from 'diff';
import { canonicalJson } from '#lib/domain';
import type { SpecificationChange } from '../../shared/views/pipeline.view.js';

/** Two specifications, or two configurations, by path. */
export type Tree = Readonly<Record<string, unknown>>;

/**
 * What turns `before` into `after`, in the order of the paths. Items of a list are matched by what they are, not by
 * their place, so that one more in front changes no other; their place in a path is the one in `after`, and of what is
 * gone the one in `before`. Equal trees give no change.
 */
export function structuralDiff(before: unknown, after: unknown, path = ''): readonly SpecificationChange[] {
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, path);
  if (isMap(before) && isMap(after)) return ofMaps(before, after, path);
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, change: 'changed', before, after }];
}

function ofMaps(before: Tree, after: Tree, path: string): readonly SpecificationChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => {
    const at = below(path, key);
    if (!Object.hasOwn(after, key)) return [{ path: at, change: 'removed' as const, before: before[key] }];
    if (!Object.hasOwn(before, key)) return [{ path: at, change: 'added' as const, after: after[key] }];
    return structuralDiff(before[key], after[key], at);
  });
}

function ofLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): readonly SpecificationChange[] {
  let [left, right] = [0, 0];
  return diffArrays(before.map(identityOf), after.map(identityOf)).flatMap(({ count, added, removed }) =>
    Array.from({ length: count }).flatMap((): readonly SpecificationChange[] => {
      if (removed) {
        const at = left++;
        return [{ path: below(path, at), change: 'removed', before: before[at] }];
      }
      const at = right++;
      if (added) return [{ path: below(path, at), change: 'added', after: after[at] }];
      return structuralDiff(before[left++], after[at], below(path, at));
    }),
  );
}

/** What makes two items of lists the same thing: the kind of a processor, the key of an action, else all of it. */
function identityOf(item: unknown): string {
  if (isMap(item))
    for (const field of ['kind', 'key', 'name'])
      if (typeof item[field] === 'string') return JSON.stringify([field, item[field]]);
  return canonicalJson(item);
}

function isMap(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function below(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}
