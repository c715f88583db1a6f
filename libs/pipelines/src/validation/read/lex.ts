import { Lexer, Parser, type CST } from 'yaml';
import { problem, type Problem } from '../problem.js';
import { MAX_DEPTH, MAX_LEXEMES } from './limits.js';

/**
 * The tokens of a text, or the reason why there are too many. Stops at the limit, so that neither a hostile text nor
 * the recursion of what reads the tokens can take long.
 */
export function lex(text: string): readonly CST.Token[] | Problem {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_LEXEMES) return tooMany(parser.offset);
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH * 2) return tooDeep(parser.offset);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

export function tooDeep(offset: number): Problem {
  const message = `The input is nested more than ${MAX_DEPTH} levels deep.`;
  return problem('too-deep', { path: '', offset }, message, 'Flatten it.');
}

export function tooMany(offset: number): Problem {
  const message = 'The input has more parts than a configuration can have.';
  return problem('input-size', { path: '', offset }, message, 'Leave out what is not configuration.');
}
