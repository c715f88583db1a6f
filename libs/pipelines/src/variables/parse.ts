import {
  functions,
  isFunction,
  VariableError,
  type Call,
  type Expression,
  type Operand,
  type Part,
} from './grammar.js';
import { tokensFrom, type Token } from './tokens.js';

const MOST_EXPRESSIONS = 100;
const LABELS = '.host.labels.';

/** Reads a text. @throws VariableError for the first thing that is wrong with it */
export function parseText(text: string): readonly Part[] {
  const parts: Part[] = [];
  let rest = 0;
  for (let at = text.indexOf('{{'); at !== -1; at = text.indexOf('{{', rest)) {
    if (parts.length > 2 * MOST_EXPRESSIONS)
      throw new VariableError(
        'text-too-long',
        `More than ${MOST_EXPRESSIONS} expressions in one text.`,
        'Use fewer.',
      );
    const { end, tokens } = tokensFrom(text, at + 2);
    parts.push(text.slice(rest, at), expressionOf(tokens));
    rest = end;
  }
  return [...parts, text.slice(rest)];
}

function expressionOf(tokens: readonly Token[]): Expression {
  const [first = [], ...then] = commandsIn(tokens);
  return { first: stepOf(first), then: then.map((command) => callOf(command, true)) };
}

function commandsIn(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const commands: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'pipe') commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands;
}

function stepOf(command: readonly Token[]): Operand | Call {
  const [head, ...rest] = command;
  if (head === undefined)
    throw new VariableError('variable-syntax', 'An expression says nothing.', 'Write {{ .host.id }}.');
  if (head.kind !== 'word') return alone(command);
  return head.text === 'index' ? indexed(rest) : callOf(command, false);
}

function alone([head, next]: readonly Token[]): Operand {
  if (head === undefined || next !== undefined)
    throw new VariableError(
      'variable-syntax',
      'Two values stand side by side.',
      'Put a | before a function, or end the expression.',
    );
  return operandOf(head);
}

/** `index .host.labels "kubernetes.io/os"`: for names that have other signs than a variable. */
function indexed(rest: readonly Token[]): Operand {
  const [map, name, ...more] = rest;
  if (map?.text === '.host.labels' && name?.kind === 'text' && more.length === 0)
    return { kind: 'label', name: name.text };
  throw new VariableError(
    'function-arguments',
    'index takes the labels and the name of one.',
    'Write {{ index .host.labels "name" }}.',
  );
}

function callOf([head, ...rest]: readonly Token[], isPiped: boolean): Call {
  if (head?.kind !== 'word')
    throw new VariableError(
      'variable-syntax',
      'A function is missing behind a |.',
      'Write one, such as | lower.',
    );
  const { text: name } = head;
  if (!isFunction(name)) {
    const known = Object.keys(functions).join(', ');
    throw new VariableError(
      'unknown-function',
      `There is no function ${name.slice(0, 60)}.`,
      `Use ${known} or index.`,
    );
  }
  const takes = functions[name] - (isPiped ? 1 : 0);
  if (rest.length !== takes) {
    const message = `${name} takes ${functions[name]} values, with the one before its |.`;
    throw new VariableError('function-arguments', message, `Give it ${takes} behind its name.`);
  }
  return { name, given: rest.map(operandOf) };
}

function operandOf({ kind, text }: Token): Operand {
  switch (kind) {
    case 'text':
      return { kind, text };
    case 'number':
      return { kind, value: Number(text) };
    case 'path':
      return variableOf(text);
    case 'word':
    case 'pipe':
      throw new VariableError(
        'variable-syntax',
        `${text.slice(0, 60)} is no value.`,
        'Quote text, and put a | before a function.',
      );
  }
}

function variableOf(path: string): Operand {
  if (path === '.host.id') return { kind: 'hostId' };
  const name = path.startsWith(LABELS) ? path.slice(LABELS.length) : '';
  if (name !== '' && !name.includes('.')) return { kind: 'label', name };
  throw new VariableError(
    'unknown-variable',
    `There is no variable ${path.slice(0, 60)}.`,
    'Use .host.id, .host.labels.name, or index .host.labels "a.name" where the name has other signs.',
  );
}
