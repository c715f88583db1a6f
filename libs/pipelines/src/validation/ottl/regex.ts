import { RE2JS, RE2JSException } from 're2js';

/** Signs of a pattern, those that a repetition stands for included. Dearer ones are left to the collector. */
const MAX_COST = 5_000;
/** Compiled patterns are kept up to this cost together, about 10 MB. */
const MAX_KEPT_COST = 20_000;
const kept = new Map<string, RE2JS | string>();
let keptCost = 0;

/** What it roughly costs to compile a pattern: its length with every repetition written out. */
export function regexCost(pattern: string): number {
  const counts = pattern.match(/\d{1,4}(?=\})/g) ?? [];
  return pattern.length + counts.reduce((sum, count) => sum + Number(count), 0);
}

/**
 * A pattern as Go's engine takes it, what is wrong with it, or `undefined` where it is too large to be tried. Matching
 * takes time linear in the text.
 */
export function compileRegex(pattern: string): RE2JS | string | undefined {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const cost = regexCost(pattern);
  if (cost > MAX_COST) return undefined;
  if (keptCost + cost > MAX_KEPT_COST) {
    kept.clear();
    keptCost = 0;
  }
  const result = compiled(pattern);
  kept.set(pattern, result);
  keptCost += cost;
  return result;
}

function compiled(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    // The engine's own message quotes the pattern.
    if (error instanceof RE2JSException) return reason(pattern);
    throw error;
  }
}

function reason(pattern: string): string {
  if (/\(\?(?:[=!]|<[=!])/.test(pattern)) return 'lookaround';
  if (/\\[1-9]/.test(pattern)) return 'a backreference';
  if (/\{\d+(?:,\d*)?\}/.test(pattern)) return 'a repetition that is too large, or something else';
  return 'something';
}

/** Whether a pattern matches a text; `undefined` where the pattern cannot be tried. */
export function regexMatches(pattern: string, text: string): boolean | undefined {
  const regex = compileRegex(pattern);
  return regex === undefined || typeof regex === 'string' ? undefined : regex.test(text);
}
