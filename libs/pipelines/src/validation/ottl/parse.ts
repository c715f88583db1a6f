import type { Condition, Operand, Operator, Statement } from './syntax.js';
import { tokenize, type Token } from './tokens.js';

const MAX_DEPTH = 40;
const OPERATORS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='] satisfies Operator[];
const RESERVED = ['and', 'or', 'not', 'where'];
const END: Token = { type: 'sign', value: '' };

/** Reads a condition; `undefined` where it is not one, or uses more of the language than we know. */
export function parseCondition(source: string): Condition | undefined {
  return parsed(source, (parser) => parser.condition());
}

/** Reads a statement such as `set(a, b) where c`; `undefined` as for conditions. */
export function parseStatement(source: string): Statement | undefined {
  return parsed(source, (parser) => parser.statement());
}

function parsed<T>(source: string, read: (parser: ExpressionParser) => T): T | undefined {
  const tokens = tokenize(source);
  if (tokens === undefined) return undefined;
  const parser = new ExpressionParser(tokens);
  try {
    const result = read(parser);
    return parser.atEnd() ? result : undefined;
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

class ExpressionParser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  statement(): Statement {
    const name = this.word();
    this.expect('(');
    const args = this.operands(')');
    const where = this.takeWord('where') ? this.condition() : undefined;
    return { name, args, where };
  }

  condition(): Condition {
    return this.joined('or', () => this.joined('and', () => this.negated()));
  }

  private joined(word: 'or' | 'and', part: () => Condition): Condition {
    const first = part();
    const parts = [first];
    while (this.takeWord(word)) parts.push(part());
    if (parts.length === 1) return first;
    return { type: word === 'or' ? 'any' : 'all', parts };
  }

  private negated(): Condition {
    if (this.takeWord('not')) return { type: 'not', part: this.deeper(() => this.negated()) };
    if (this.isSign('(')) return this.grouped();
    return this.comparison();
  }

  /** A bracket opens a condition, or a sum that is compared; sums are beyond us. */
  private grouped(): Condition {
    this.expect('(');
    const inner = this.deeper(() => this.condition());
    this.expect(')');
    if (OPERATORS.includes(this.sign())) throw new NotUnderstood();
    return inner;
  }

  private comparison(): Condition {
    const left = this.operand();
    const operator = this.sign();
    if (isOperator(operator)) {
      this.at += 1;
      return { type: 'compare', operator, left, right: this.operand() };
    }
    if (left.type === 'literal' && typeof left.value === 'boolean')
      return { type: 'constant', value: left.value };
    return { type: 'test', operand: left };
  }

  private operand(): Operand {
    const first = this.deeper(() => this.single());
    let isSum = false;
    while (['+', '-', '*', '/'].includes(this.sign())) {
      this.at += 1;
      this.deeper(() => this.single());
      isSum = true;
    }
    return isSum ? { type: 'other' } : first;
  }

  private single(): Operand {
    const token = this.next();
    switch (token.type) {
      case 'text':
        return { type: 'literal', value: token.value };
      case 'number':
        return { type: 'literal', value: token.value };
      case 'word':
        return this.named(token.value);
      case 'sign':
        return this.signed(token.value);
    }
  }

  private signed(sign: string): Operand {
    if (sign === '-') {
      const operand = this.deeper(() => this.single());
      return operand.type === 'literal' && typeof operand.value === 'number'
        ? { type: 'literal', value: -operand.value }
        : { type: 'other' };
    }
    if (sign === '[') this.operands(']');
    else if (sign === '{') this.operands('}');
    else throw new NotUnderstood();
    return { type: 'other' };
  }

  private named(word: string): Operand {
    if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true' };
    if (RESERVED.includes(word)) throw new NotUnderstood();
    if (word === 'nil') return { type: 'literal', value: null };
    if (!this.takeSign('(')) return { type: 'path', path: word + this.pathEnd() };
    const args = this.operands(')');
    return this.pathEnd() === '' ? { type: 'call', name: word, args } : { type: 'other' };
  }

  private pathEnd(): string {
    let path = '';
    for (;;) {
      if (this.takeSign('.')) path += `.${this.word()}`;
      else if (this.takeSign('[')) {
        const key = this.operand();
        if (key.type !== 'literal') throw new NotUnderstood();
        this.expect(']');
        path += `[${JSON.stringify(key.value)}]`;
      } else return path;
    }
  }

  /** What stands between brackets; of `name = value` and `key: value` the values. */
  private operands(close: string): readonly Operand[] {
    const operands: Operand[] = [];
    while (!this.takeSign(close)) {
      if (operands.length > 0) this.expect(',');
      const first = this.operand();
      operands.push(this.takeSign('=') || this.takeSign(':') ? this.operand() : first);
    }
    return operands;
  }

  private deeper<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new NotUnderstood();
    const result = read();
    this.depth -= 1;
    return result;
  }

  private next(): Token {
    const token = this.tokens[this.at];
    if (token === undefined) throw new NotUnderstood();
    this.at += 1;
    return token;
  }

  private peek(): Token {
    return this.tokens[this.at] ?? END;
  }

  private word(): string {
    const token = this.next();
    if (token.type !== 'word') throw new NotUnderstood();
    return token.value;
  }

  private sign(): string {
    const token = this.peek();
    return token.type === 'sign' ? token.value : '';
  }

  private isSign(value: string): boolean {
    return this.peek() !== END && this.sign() === value;
  }

  private takeSign(value: string): boolean {
    const taken = this.isSign(value);
    if (taken) this.at += 1;
    return taken;
  }

  private takeWord(value: string): boolean {
    const token = this.peek();
    const taken = token.type === 'word' && token.value === value;
    if (taken) this.at += 1;
    return taken;
  }

  private expect(value: string): void {
    if (!this.takeSign(value)) throw new NotUnderstood();
  }
}

function isOperator(sign: string): sign is Operator {
  return OPERATORS.includes(sign);
}
