/** What stands side by side in a request, by key, in the order in which it came. */
export type Level<T> = Map<string, T>;

/** What stands under a key, made when it is not there yet. */
export function got<T>(level: Level<T>, key: string, make: () => T): T {
  const known = level.get(key);
  if (known !== undefined) return known;
  const made = make();
  level.set(key, made);
  return made;
}
