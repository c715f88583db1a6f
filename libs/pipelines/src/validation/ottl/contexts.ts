import type { Condition, Operand } from './syntax.js';

export type MetricContext = 'resource' | 'metric' | 'datapoint';

/**
 * A condition with every path spelled from its context on (`name` in a metric is `metric.name`), and the context in
 * which it is asked; `undefined` for contexts that we do not know.
 */
export function inContext(
  condition: Condition,
  written: string,
): { readonly context: MetricContext; readonly condition: Condition } | undefined {
  const context = written === '' ? inferred(pathsOf(condition)) : known(written);
  return context === undefined ? undefined : { context, condition: spelled(condition, context) };
}

function known(context: string): MetricContext | undefined {
  return context === 'resource' || context === 'metric' || context === 'datapoint' ? context : undefined;
}

/** The lowest level that a path names. */
function inferred(paths: readonly string[]): MetricContext | undefined {
  const levels = paths.map((path) => known(path.split('.')[0] ?? ''));
  if (levels.length === 0 || levels.includes(undefined)) return undefined;
  if (levels.includes('datapoint')) return 'datapoint';
  return levels.includes('metric') ? 'metric' : 'resource';
}

function spelled(condition: Condition, context: MetricContext): Condition {
  switch (condition.type) {
    case 'any':
    case 'all':
      return { ...condition, parts: condition.parts.map((part) => spelled(part, context)) };
    case 'not':
      return { ...condition, part: spelled(condition.part, context) };
    case 'test':
      return { ...condition, operand: spelledOperand(condition.operand, context) };
    case 'compare':
      return {
        ...condition,
        left: spelledOperand(condition.left, context),
        right: spelledOperand(condition.right, context),
      };
    case 'constant':
      return condition;
  }
}

function spelledOperand(operand: Operand, context: MetricContext): Operand {
  if (operand.type === 'call')
    return { ...operand, args: operand.args.map((one) => spelledOperand(one, context)) };
  if (
    operand.type !== 'path' ||
    /^(?:resource|metric|datapoint|scope|instrumentation_scope)\./.test(operand.path)
  )
    return operand;
  return { type: 'path', path: `${context}.${operand.path}` };
}

function pathsOf(condition: Condition): readonly string[] {
  switch (condition.type) {
    case 'any':
    case 'all':
      return condition.parts.flatMap(pathsOf);
    case 'not':
      return pathsOf(condition.part);
    case 'test':
      return operandPaths(condition.operand);
    case 'compare':
      return [...operandPaths(condition.left), ...operandPaths(condition.right)];
    case 'constant':
      return [];
  }
}

function operandPaths(operand: Operand): readonly string[] {
  if (operand.type === 'call') return operand.args.flatMap(operandPaths);
  return operand.type === 'path' ? [operand.path] : [];
}
