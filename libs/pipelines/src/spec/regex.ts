import { RE2JS } from 're2js';

/**
 * Patterns are those of RE2, the engine of the collector: no look-around, no back-references, and a time that grows
 * with the length of the text only. They are checked and interpreted with a port of that engine and never with the
 * regular expressions of JavaScript, which mean something else in places and can take for ever.
 */
export type TextPattern = {
  /** True where the pattern is found anywhere in the text; `^` and `$` bind it to the ends. */
  readonly test: (text: string) => boolean;
};

/** @throws Error for a pattern that has a fault */
export function compilePattern(pattern: string): TextPattern {
  return RE2JS.compile(pattern);
}

/** Why the collector would refuse a pattern, or `undefined`. */
export function patternFault(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    // Renderers put patterns into groups; an open `\Q` would swallow the end of the group.
    compilePattern(inGroup(pattern));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A pattern that can stand beside others without taking them into its own alternatives or flags. */
export function inGroup(pattern: string): string {
  return `(?:${pattern})`;
}

/** A pattern for exactly this text. */
export function exactly(text: string): string {
  return `^${RE2JS.quote(text)}$`;
}
