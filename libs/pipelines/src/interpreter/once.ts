/**
 * Computes something from an object once in its life, and forgets it with the object. Parts of a specification are
 * data that never changes, while patterns in them cost much to compile.
 */
export function once<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found.value;
    const value = compute(key);
    known.set(key, { value });
    return value;
  };
}
