import { regexMatches } from './regex.js';
import { matchOf } from './match.js';
import type { Condition, Literal, Operand } from './syntax.js';

/** A condition that is false for one value, or for the texts that a pattern matches, and true for everything else. */
type Exception =
  | { readonly subject: string; readonly type: 'value'; readonly value: Literal }
  | { readonly subject: string; readonly type: 'pattern'; readonly pattern: string };

/** Longer lists are looked at no further: each alternative is compared with each. */
const MAX_ALTERNATIVES = 60;

/**
 * Where in a list of alternatives it becomes certain that one of them is always true: `a != "x" or a != "y"` is. Only
 * what is sure counts. The alternatives are normalized.
 */
export function alwaysTrue(alternatives: readonly Condition[]): number | undefined {
  const earlier: Condition[] = [];
  for (const [at, condition] of alternatives.slice(0, MAX_ALTERNATIVES).entries()) {
    if (condition.type === 'constant' && condition.value) return at;
    if (earlier.some((one) => coverAll(one, condition))) return at;
    earlier.push(condition);
  }
  return undefined;
}

/** Whether two conditions leave nothing between them. */
function coverAll(a: Condition, b: Condition): boolean {
  const [x, y] = [exceptionOf(a), exceptionOf(b)];
  if (x !== undefined && y !== undefined) return areApart(x, y);
  if (x !== undefined) return isTheException(x, equalityOf(b));
  return y !== undefined && isTheException(y, equalityOf(a));
}

function exceptionOf(condition: Condition): Exception | undefined {
  if (condition.type === 'compare' && condition.operator === '!=') {
    const sides = subjectAndValue(condition.left, condition.right);
    return sides === undefined ? undefined : { type: 'value', ...sides };
  }
  if (condition.type !== 'not' || condition.part.type !== 'test') return undefined;
  const match = matchOf(condition.part.operand);
  return match === undefined ? undefined : { type: 'pattern', subject: match.path, pattern: match.pattern };
}

function equalityOf(condition: Condition): { readonly subject: string; readonly value: Literal } | undefined {
  if (condition.type !== 'compare' || condition.operator !== '==') return undefined;
  return subjectAndValue(condition.left, condition.right);
}

function subjectAndValue(
  left: Operand,
  right: Operand,
): { readonly subject: string; readonly value: Literal } | undefined {
  if (left.type === 'path' && right.type === 'literal') return { subject: left.path, value: right.value };
  if (left.type === 'literal' && right.type === 'path') return { subject: right.path, value: left.value };
  return undefined;
}

/** Whether nothing can be an exception to both, so that one of the two is always true. */
function areApart(a: Exception, b: Exception): boolean {
  if (a.subject !== b.subject) return false;
  if (a.type === 'value' && b.type === 'value') return areDifferent(a.value, b.value);
  if (a.type === 'value') return b.type === 'pattern' && isNoMatch(b.pattern, a.value);
  return b.type === 'value' ? isNoMatch(a.pattern, b.value) : startApart(a.pattern, b.pattern);
}

/** 1 and 1.0 are equal to OTTL, 1 and "1" are not: different types are left alone. */
function areDifferent(a: Literal, b: Literal): boolean {
  return typeof a === typeof b && a !== b;
}

function isNoMatch(pattern: string, value: Literal): boolean {
  return typeof value === 'string' && regexMatches(pattern, value) === false;
}

/** `a != "x" or a == "x"`. */
function isTheException(exception: Exception, equality: ReturnType<typeof equalityOf>): boolean {
  if (exception.type !== 'value') return false;
  return exception.subject === equality?.subject && exception.value === equality.value;
}

function startApart(a: string, b: string): boolean {
  const [x, y] = [literalStart(a), literalStart(b)];
  const shared = Math.min(x.length, y.length);
  return shared > 0 && x.slice(0, shared) !== y.slice(0, shared);
}

/** The text with which everything that the pattern matches begins; empty where that is not plain to see. */
function literalStart(pattern: string): string {
  if (!pattern.startsWith('^') || pattern.includes('|')) return '';
  const written = /^(?:\\[.\-_/]|[\w\-/ ])*/.exec(pattern.slice(1))?.[0] ?? '';
  const start = written.replaceAll('\\', '');
  // A sign of repetition is about the last letter, which may then be absent.
  return '?*{'.includes(pattern[1 + written.length] ?? ' ') ? start.slice(0, -1) : start;
}
