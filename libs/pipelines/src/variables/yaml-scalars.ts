import {
  isPair,
  isScalar,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import { VariableError, hasVariables, type Part } from './grammar.js';
import { parseText } from './parse.js';

/** A value with variables in a configuration: where its text stands, and what it says. */
export type TemplatedScalar = {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
};

/**
 * The values that have variables, in the order of the text. Keys and comments are never read. A text that is no YAML
 * has none. An unquoted value that begins with `{{` is a map to YAML and comes as `unquoted`.
 */
export function templatedScalars(yaml: string): {
  readonly scalars: readonly TemplatedScalar[];
  readonly unquoted: readonly string[];
} {
  const scalars: TemplatedScalar[] = [];
  const unquoted: string[] = [];
  if (!hasVariables(yaml)) return { scalars, unquoted };
  const document = parseDocument(yaml, { logLevel: 'silent', uniqueKeys: false, intAsBigInt: true });
  visit(document, {
    Map: (key, node, ancestors) => {
      if (node.flow !== true || !yaml.startsWith('{{', node.range?.[0])) return undefined;
      unquoted.push(pathOf(ancestors, key));
      return visit.SKIP;
    },
    Scalar: (key, node, ancestors) => {
      if (key !== 'key') scalars.push(...templated(node, pathOf(ancestors, key)));
    },
  });
  return { scalars, unquoted };
}

/** What a text that stands in a configuration says. @throws VariableError */
export function parseScalar(text: string): readonly Part[] {
  const parts = parseText(text);
  // A value beside a $, or inside of ${…}, would become part of what the collector looks up.
  let before = '';
  for (const part of parts) {
    if (typeof part === 'string') before += part;
    else if (opensReference(before))
      throw new VariableError(
        'variable-in-reference',
        'An expression stands behind a $ or inside of ${…}, where it would choose what the collector looks up.',
        'Write the reference out; $$ is a plain $.',
      );
  }
  return parts;
}

/** Whether the collector would take what follows as part of a reference. */
function opensReference(text: string): boolean {
  const rest = text.slice(text.lastIndexOf('}') + 1).replaceAll('$$', '');
  return rest.includes('${') || rest.endsWith('$');
}

function templated({ range, value }: Scalar, path: string): readonly TemplatedScalar[] {
  if (typeof value !== 'string' || !hasVariables(value) || range == null) return [];
  return [{ path, from: range[0], to: range[1], text: value }];
}

function pathOf(
  ancestors: readonly (Document | Node | Pair)[],
  key: number | 'key' | 'value' | null,
): string {
  const keys = ancestors.flatMap((one, at) => {
    if (isPair(one)) return [isScalar(one.key) ? String(one.key.value) : '?'];
    const next = ancestors[at + 1];
    const index = 'items' in one && Array.isArray(one.items) ? one.items.indexOf(next as never) : -1;
    return next !== undefined && index !== -1 && !isPair(next) ? [String(index)] : [];
  });
  return [...keys, ...(typeof key === 'number' ? [String(key)] : [])].join('.');
}
