import type { NameSelection } from '../spec/naming.js';
import { compilePattern } from '../spec/regex.js';
import { once } from './once.js';

/** Tells whether a selection picks a name. */
export type Picks = (name: string) => boolean;

export const picks: (selection: NameSelection) => Picks = once((selection) => {
  const names = new Set(selection.names);
  const patterns = selection.patterns.map(compilePattern);
  return (name) => names.has(name) || patterns.some((pattern) => pattern.test(name));
});
