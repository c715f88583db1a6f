/** A condition of the OpenTelemetry Transformation Language, as far as we understand it. */
export type Condition =
  | { readonly type: 'any'; readonly parts: readonly Condition[] }
  | { readonly type: 'all'; readonly parts: readonly Condition[] }
  | { readonly type: 'not'; readonly part: Condition }
  | { readonly type: 'compare'; readonly operator: Operator; readonly left: Operand; readonly right: Operand }
  | { readonly type: 'constant'; readonly value: boolean }
  | { readonly type: 'test'; readonly operand: Operand };

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Literal = string | number | boolean | null;

export type Operand =
  | { readonly type: 'literal'; readonly value: Literal }
  /** `resource.attributes["process.pid"]`, spelled in one way only. */
  | { readonly type: 'path'; readonly path: string }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Operand[] }
  /** Lists, maps, sums: things that no rule looks into. */
  | { readonly type: 'other' };

/** An editor of a statement, `set(a, b) where c`. */
export type Statement = {
  readonly name: string;
  readonly args: readonly Operand[];
  readonly where: Condition | undefined;
};
