import type { Value } from '../read/tree.js';

/** Longer ones are no names of anything. */
const MAX_REFERENCE = 1000;

/** A `${…}` as the collector finds it: `scheme` is empty where none is written. */
export type Expansion = { readonly scheme: string; readonly name: string; readonly escaped: boolean };

/** A value that is one reference and nothing else may turn into anything, maps and lists included. */
export function expandsWhole(value: Value): boolean {
  return isText(value) && /^\$\{[^${}]*\}$/.test(value.text);
}

/** A text with a reference in it is not known before the collector starts. */
export function expandsPartly(value: Value): boolean {
  return isText(value) && hasReference(value.text);
}

export function hasReference(text: string): boolean {
  return expansions(text).some(({ escaped }) => !escaped);
}

/** All references in a text, also those that a doubled `$` turns back into text. */
export function expansions(text: string): readonly Expansion[] {
  const found: Expansion[] = [];
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', at + 2)) {
    const inside = /^[^{}]*(?=\})/.exec(text.slice(at + 2, at + 2 + MAX_REFERENCE))?.[0];
    if (inside === undefined) continue;
    const colon = inside.indexOf(':');
    const scheme = colon === -1 ? '' : inside.slice(0, colon);
    found.push({ scheme, name: inside.slice(colon + 1), escaped: dollarsBefore(text, at) % 2 === 1 });
  }
  return found;
}

function dollarsBefore(text: string, at: number): number {
  let count = 0;
  while (text[at - count - 1] === '$') count += 1;
  return count;
}

/** A text as its component gets it; `undefined` where it depends on a reference. */
export function expanded(text: string): string | undefined {
  return hasReference(text) ? undefined : text.replaceAll('$$', '$');
}

function isText(value: Value): value is Extract<Value, { kind: 'scalar' }> {
  return value.kind === 'scalar' && typeof value.value === 'string';
}
