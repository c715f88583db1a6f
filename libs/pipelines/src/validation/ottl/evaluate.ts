import { attributeValue, type AnyValue, type Attribute, type Metric, type Resource } from '#lib/otlp';
import { regexMatches } from './regex.js';
import { matchOf } from './match.js';
import type { Condition, Literal, Operand, Operator } from './syntax.js';

/** What a condition is asked about: a resource, a metric of it, or a point of that. */
export type Subject = {
  readonly resource: Resource;
  readonly metric?: Metric;
  readonly point?: { readonly attributes: readonly Attribute[] };
};

/** What a condition says of a subject; `undefined` where we cannot know. */
export function evaluate(condition: Condition, subject: Subject): boolean | undefined {
  switch (condition.type) {
    case 'constant':
      return condition.value;
    case 'not':
      return opposite(evaluate(condition.part, subject));
    case 'any':
      return joined(condition.parts, subject, true);
    case 'all':
      return joined(condition.parts, subject, false);
    case 'test':
      return matches(condition.operand, subject);
    case 'compare':
      return compared(
        condition.operator,
        valueOf(condition.left, subject),
        valueOf(condition.right, subject),
      );
  }
}

function opposite(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** One part that decides makes the others unimportant, even unknown ones. */
function joined(parts: readonly Condition[], subject: Subject, deciding: boolean): boolean | undefined {
  const values = parts.map((part) => evaluate(part, subject));
  if (values.includes(deciding)) return deciding;
  return values.includes(undefined) ? undefined : !deciding;
}

function matches(operand: Operand, subject: Subject): boolean | undefined {
  const test = matchOf(operand);
  if (test === undefined) return undefined;
  const value = pathValue(test.path, subject);
  if (value === null) return false;
  return typeof value === 'string' ? regexMatches(test.pattern, value) : undefined;
}

/** Literals and what paths lead to; nothing there is `null`, what we do not know is `undefined`. */
function valueOf(operand: Operand, subject: Subject): Literal | bigint | undefined {
  if (operand.type === 'literal') return operand.value;
  return operand.type === 'path' ? pathValue(operand.path, subject) : undefined;
}

const ATTRIBUTE = /^(resource|datapoint)\.attributes\["([^"\\]*)"\]$/;

function pathValue(path: string, { resource, metric, point }: Subject): Literal | bigint | undefined {
  if (path === 'metric.name') return metric?.name;
  const [, owner, key = ''] = ATTRIBUTE.exec(path) ?? [];
  if (owner === 'resource') return plain(attributeValue(resource.attributes, key));
  if (owner === 'datapoint' && point !== undefined) return plain(attributeValue(point.attributes, key));
  return undefined;
}

function plain(value: AnyValue | undefined): Literal | bigint | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? undefined : value;
}

function compared(
  operator: Operator,
  left: Literal | bigint | undefined,
  right: Literal | bigint | undefined,
): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (operator === '==') return areEqual(left, right);
  return operator === '!=' ? !areEqual(left, right) : undefined;
}

function areEqual(left: Literal | bigint, right: Literal | bigint): boolean {
  if (isNumber(left) && isNumber(right)) return Number(left) === Number(right);
  return left === right;
}

function isNumber(value: Literal | bigint): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
