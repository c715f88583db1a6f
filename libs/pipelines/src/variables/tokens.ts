import { VariableError } from './grammar.js';

export type Token = { readonly kind: 'text' | 'number' | 'path' | 'word' | 'pipe'; readonly text: string };

const patterns = [
  ['text', /"(?:[^"\\\n]|\\["\\nt])*"/y],
  ['raw', /`[^`]*`/y],
  ['number', /-?\d{1,9}(?![\w.])/y],
  ['path', /(?:\.[A-Za-z_]\w*)+/y],
  ['word', /[A-Za-z_]\w*/y],
  ['pipe', /\|/y],
] as const;
const space = /\s*/y;

/** The tokens of an expression and where it ends, behind its `}}`. @throws VariableError */
export function tokensFrom(
  text: string,
  start: number,
): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = [];
  for (let at = skipped(text, start); ; at = skipped(text, at)) {
    if (text.startsWith('}}', at)) return { tokens, end: at + 2 };
    const { length, token } = tokenAt(text, at);
    tokens.push(token);
    at += length;
  }
}

function tokenAt(text: string, at: number): { readonly length: number; readonly token: Token } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    return { length: found.length, token: tokenOf(kind, found) };
  }
  throw new VariableError(
    'variable-syntax',
    at >= text.length ? 'An expression is not closed.' : 'An expression has a sign that means nothing there.',
    'Write {{ .host.id }}, or {{ "{{" }} where two plain braces are meant.',
  );
}

function tokenOf(kind: (typeof patterns)[number][0], found: string): Token {
  if (kind === 'raw') return { kind: 'text', text: found.slice(1, -1) };
  if (kind === 'text') return { kind, text: unescaped(found.slice(1, -1)) };
  return { kind, text: found };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === 't' ? '\t' : sign));
}

function skipped(text: string, at: number): number {
  space.lastIndex = at;
  return at + (space.exec(text)?.[0].length ?? 0);
}
