export type Token =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'word'; readonly value: string }
  | { readonly type: 'sign'; readonly value: string };

const MAX_LENGTH = 20_000;
const PATTERN =
  /\s+|"((?:[^"\\]|\\.)*)"|(0x[0-9a-fA-F]+|\d+(?:\.\d+)?|\.\d+)|([A-Za-z_]\w*)|(==|!=|<=|>=|[-+*/()[\]{},.:<>=])/y;

/** The words and signs of an expression, or `undefined` where something is none of ours. */
export function tokenize(source: string): readonly Token[] | undefined {
  if (source.length > MAX_LENGTH) return undefined;
  const pattern = new RegExp(PATTERN);
  const tokens: Token[] = [];
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (match === null) return undefined;
    const token = tokenOf(match);
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function tokenOf([, text, number, word, sign]: RegExpExecArray): Token | undefined {
  if (text !== undefined) return { type: 'text', value: unescaped(text) };
  if (number !== undefined) return { type: 'number', value: Number(number) };
  if (word !== undefined) return { type: 'word', value: word };
  return sign === undefined ? undefined : { type: 'sign', value: sign };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);
}
