import type { NameSelection } from '../spec/naming.js';
import { compilePattern } from '../spec/regex.js';

/** Tells whether a selection picks a name. */
export type Picks = (name: string) => boolean;

/**
 * Selections are data that never changes and patterns cost much to compile, so each selection is compiled once in
 * its life and forgotten with it.
 */
const compiled = new WeakMap<NameSelection, Picks>();

export function picks(selection: NameSelection): Picks {
  const known = compiled.get(selection);
  if (known !== undefined) return known;
  const names = new Set(selection.names);
  const patterns = selection.patterns.map(compilePattern);
  const fresh: Picks = (name) => names.has(name) || patterns.some((pattern) => pattern.test(name));
  compiled.set(selection, fresh);
  return fresh;
}
