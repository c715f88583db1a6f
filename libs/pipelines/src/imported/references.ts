import type { Settings } from '../render/collector-config.js';

/** What a configuration takes from its host: variables and files, each once, in the order of their names. */
export type References = {
  readonly variables: readonly string[];
  readonly files: readonly string[];
  /** Paths to values with a `${` that is neither, which nobody could answer for. */
  readonly strange: readonly string[];
};

const variable = /^\$\{(?:env:)?([A-Za-z_]\w{0,254})(:-[^${}]*)?\}/;
const file = /^\$\{file:([^${}]{1,1000})\}/;

/**
 * The references of a configuration. A variable that has a default is none, since the collector can do without it.
 * Nested references are strange: what they come to is known only to the collector.
 */
export function referencesIn(config: Settings): References {
  const found = { variables: new Set<string>(), files: new Set<string>(), strange: new Set<string>() };
  visit(config, '', (text, path) => {
    for (const reference of openingsIn(text)) {
      const [, name, fallback] = variable.exec(reference) ?? [];
      const place = file.exec(reference)?.[1];
      if (name !== undefined && fallback !== undefined) continue;
      if (name !== undefined) found.variables.add(name);
      else if (place !== undefined) found.files.add(place);
      else found.strange.add(path);
    }
  });
  return {
    variables: [...found.variables].sort(),
    files: [...found.files].sort(),
    strange: [...found.strange],
  };
}

/** The rest of a text from each `${` on that the collector would look at: an odd `$` before it makes it text. */
function openingsIn(text: string): readonly string[] {
  const found: string[] = [];
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', at + 2)) {
    let dollars = 0;
    while (text[at - dollars - 1] === '$') dollars += 1;
    if (dollars % 2 === 0) found.push(text.slice(at, at + 1300));
  }
  return found;
}

function visit(value: unknown, path: string, take: (text: string, path: string) => void): void {
  if (typeof value === 'string') take(value, path);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value))
      visit(inner, path === '' ? key : `${path}.${key}`, take);
}
