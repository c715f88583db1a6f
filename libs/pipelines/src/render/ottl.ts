import type { ProcessRule } from '../process-rules.js';
import type { NameSelection } from '../spec/naming.js';

/**
 * A string literal of OTTL, the collector's expression language. Its escapes are those of JSON; a dollar sign is
 * doubled because the collector expands `${...}` anywhere in its configuration.
 */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll('$', '$$$$');
}

/** A number of OTTL: an integer where that is exact, else a double, which the language wants to have a point. */
export function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const [mantissa, exponent] = String(value).split('e');
  const pointed = mantissa?.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent}`;
}

export function resourceAttribute(name: string): string {
  return `resource.attributes[${literal(name)}]`;
}

const pid = resourceAttribute('process.pid');
const executable = resourceAttribute('process.executable.name');

/** Where in the collector's language the attributes of each place stand. */
export const attributesOf = { point: 'datapoint.attributes', resource: 'resource.attributes' } as const;

export function allOf(conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(' and ');
}

export function anyOf(conditions: readonly string[]): string {
  return conditions.join(' or ');
}

export function not(condition: string): string {
  return `not (${condition})`;
}

/** True where a text, such as `metric.name`, is picked. */
export function isPicked(text: string, { names, patterns }: NameSelection): string {
  return anyOf([
    ...names.map((name) => `${text} == ${literal(name)}`),
    ...patterns.map((pattern) => `IsMatch(${text}, ${literal(pattern)})`),
  ]);
}

/** True for a process of one of these executables. */
export function executableIn(names: readonly string[]): string {
  return anyOf(names.map((name) => `${executable} == ${literal(name)}`));
}

/** True for a process that no rule keeps; false for what is no process at all, so that it is never touched. */
export function processOutside(rules: readonly ProcessRule[]): string {
  const isProcess = `${pid} != nil`;
  if (rules.length === 0) return isProcess;
  return `${isProcess} and not (${anyOf(rules.map(ruleCondition))})`;
}

/** True for a metric that is none of these. */
export function metricOutside(names: readonly string[]): string {
  return not(isPicked('metric.name', { names, patterns: [] }));
}

function ruleCondition({ executable: name, pid: one }: ProcessRule): string {
  const byName = `${executable} == ${literal(name)}`;
  return one === undefined ? byName : `(${pid} == ${one} and ${byName})`;
}
