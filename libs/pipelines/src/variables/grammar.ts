/**
 * The language of host variables: `{{ .host.labels.role | default "web" | lower }}`. A text is what stands around
 * expressions and the expressions; an expression is a value that passes functions. There are no loops, no
 * definitions and no other data than the host's, so an expression takes time in proportion to its length.
 */
export type Operand =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'hostId' }
  | { readonly kind: 'label'; readonly name: string };

export type Call = { readonly name: FunctionName; readonly given: readonly Operand[] };

/** The first step gives a value, each other one makes something of it. */
export type Expression = { readonly first: Operand | Call; readonly then: readonly Call[] };

export type Part = string | Expression;

/** How many values a function takes, that which is piped into it included. The names are those of Sprig and Helm. */
export const functions = {
  default: 2,
  lower: 1,
  quote: 1,
  replace: 3,
  required: 2,
  trim: 1,
  trunc: 2,
  upper: 1,
} as const;
export type FunctionName = keyof typeof functions;

export function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(functions, name);
}

/** The rules that a text with variables can break. */
export type VariableRule =
  | 'variable-syntax'
  | 'unknown-variable'
  | 'unknown-function'
  | 'function-arguments'
  | 'variable-in-reference'
  | 'missing-label'
  | 'text-too-long';

/** Why a text means nothing, or nothing for one host. */
export class VariableError extends Error {
  override readonly name = 'VariableError';

  constructor(
    readonly rule: VariableRule,
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

/** Whether a text has to be read at all: any other stands for itself. */
export function hasVariables(text: string): boolean {
  return text.includes('{{');
}
