import type { HostIdentity } from '../render/render-processors.js';
import {
  VariableError,
  type Call,
  type Expression,
  type FunctionName,
  type Operand,
  type Part,
} from './grammar.js';

/** Longest that a value or a text may become, in UTF-16 units. */
const MOST_VALUE = 1_024;
const MOST_TEXT = 65_536;

type Value = string | number | undefined;

export type Evaluation = {
  readonly host: HostIdentity;
  /** What stands for labels that the host does not have; without it, they are an error. */
  readonly placeholder?: string;
  /** How a value is written into its text, so that it stays a value. */
  readonly escape?: (value: string) => string;
};

/** The text for one host. @throws VariableError `missing-label`, `function-arguments`, `text-too-long` */
export function evaluate(parts: readonly Part[], context: Evaluation): string {
  const { escape = (value: string) => value } = context;
  let text = '';
  for (const part of parts) {
    text += typeof part === 'string' ? part : escape(shown(part, context));
    if (text.length > MOST_TEXT) throw tooLong(MOST_TEXT);
  }
  return text;
}

function shown(expression: Expression, context: Evaluation): string {
  return bounded(String(present(valueOf(expression, context), sourceOf(expression), context)));
}

function valueOf(expression: Expression, context: Evaluation): Value {
  const { first, then } = expression;
  const begin = 'kind' in first ? operand(first, context) : call(first, context);
  return then.reduce<Value>((value, step) => {
    const given = takesNothing(step) ? value : present(value, sourceOf(expression), context);
    return call(step, context, given);
  }, begin);
}

/** Whether a function has an answer to a label that the host does not have. */
function takesNothing({ name }: Call): boolean {
  return name === 'default' || name === 'required';
}

/** The label that is missing where an expression gives nothing. */
function sourceOf({ first }: Expression): Operand | undefined {
  return 'kind' in first ? first : first.given.at(-1);
}

function operand(one: Operand, { host }: Evaluation): Value {
  switch (one.kind) {
    case 'text':
      return one.text;
    case 'number':
      return one.value;
    case 'hostId':
      return host.id;
    case 'label':
      return Object.hasOwn(host.labels, one.name) ? host.labels[one.name] : undefined;
  }
}

function call({ given, name }: Call, context: Evaluation, ...piped: readonly Value[]): Value {
  const values = [...given.map((one) => operand(one, context)), ...piped];
  if (name === 'default') return isEmpty(values[1]) ? values[0] : values[1];
  if (name === 'required') {
    if (!isEmpty(values[1])) return values[1];
    if (context.placeholder !== undefined) return context.placeholder;
    throw new VariableError('missing-label', String(values[0]).slice(0, 200), 'Give the host the label.');
  }
  const there = values.map((value, at) => present(value, given[at], context));
  return bounded(texts[name](there.map((value) => bounded(String(value)))));
}

type OfTexts = Exclude<FunctionName, 'default' | 'required'>;

const texts: Readonly<Record<OfTexts, (values: readonly string[]) => string>> = {
  lower: ([text = '']) => text.toLowerCase(),
  upper: ([text = '']) => text.toUpperCase(),
  trim: ([text = '']) => text.trim(),
  quote: ([text = '']) => JSON.stringify(text),
  replace: ([from = '', to = '', text = '']) => {
    if (from !== '') return text.replaceAll(from, () => to);
    throw new VariableError('function-arguments', 'replace has nothing to look for.', 'Name a text.');
  },
  trunc: ([count = '', text = '']) => truncated(text, count),
};

/** By characters, so that none is torn apart; a negative count takes from the end. */
function truncated(text: string, count: string): string {
  const length = Number(count);
  if (!/^-?\d{1,9}$/.test(count))
    throw new VariableError('function-arguments', 'trunc takes a number first.', 'Write trunc 20.');
  const characters = Array.from(text);
  return (length < 0 ? characters.slice(length) : characters.slice(0, length)).join('');
}

function isEmpty(value: Value): boolean {
  return value === undefined || value === '' || value === 0;
}

/** A value, or what stands for it. @throws VariableError `missing-label` */
function present(value: Value, source: Operand | undefined, { placeholder }: Evaluation): string | number {
  const there = value ?? placeholder;
  if (there === undefined) throw missingLabel(source);
  return there;
}

function missingLabel(one: Operand | undefined): VariableError {
  const name = one?.kind === 'label' ? ` ${one.name.slice(0, 120)}` : '';
  return new VariableError(
    'missing-label',
    `The host has no label${name}.`,
    'Give the host the label, or the expression a default: {{ … | default "text" }}.',
  );
}

function bounded(text: string): string {
  if (text.length > MOST_VALUE) throw tooLong(MOST_VALUE);
  return text;
}

function tooLong(most: number): VariableError {
  return new VariableError('text-too-long', `It comes to more than ${most} characters.`, 'Make it shorter.');
}
