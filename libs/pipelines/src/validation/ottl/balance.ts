const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
/** A whole text, a quotation mark that begins none, or a bracket. */
const PART = /"(?:[^"\\]|\\.)*"|["()[\]{}]/gs;

/**
 * What of an expression no reader can make sense of, in words: a text that does not end, or brackets that do not fit.
 * `undefined` says nothing about the rest of it.
 */
export function imbalance(expression: string): string | undefined {
  const open: string[] = [];
  for (const [part] of expression.matchAll(PART)) {
    if (part === '"') return 'a text that does not end';
    if (part.startsWith('"')) continue;
    const closing = CLOSING[part];
    if (closing !== undefined) open.push(closing);
    else if (open.pop() !== part) return `a ${part} that closes nothing`;
  }
  const missing = open.pop();
  return missing === undefined ? undefined : `a bracket without its ${missing}`;
}
