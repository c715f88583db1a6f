import type { Operand } from './syntax.js';

/** What `IsMatch(path, "pattern")` looks at, and for what; `undefined` for anything else. */
export function matchOf(operand: Operand): { readonly path: string; readonly pattern: string } | undefined {
  if (operand.type !== 'call' || operand.name !== 'IsMatch' || operand.args.length !== 2) return undefined;
  const [target, pattern] = operand.args;
  if (target?.type !== 'path' || pattern?.type !== 'literal') return undefined;
  return typeof pattern.value === 'string' ? { path: target.path, pattern: pattern.value } : undefined;
}
