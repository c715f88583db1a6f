const WIDTH = 110;

/** The source text of a module that holds the catalogue. It is JSON in a string: quick to load, and easy on the compiler. */
export function catalogueModule(catalogue: unknown): string {
  const json = written(catalogue, '');
  if (/[`\\]|\$\{/.test(json))
    throw new Error('the catalogue holds text that a template string would change');
  return `// Written by \`npm run collector-schema\` from the pinned collector's own factories. Do not edit.
/* eslint-disable max-lines -- data, one line for each place of a configuration */
import type { Catalogue } from './catalogue.js';

export const pinnedCatalogue = JSON.parse(\`
${json}
\`) as Catalogue;
`;
}

/** JSON with sorted keys that stands on one line where it is short enough, so that a change shows where it is. */
function written(value: unknown, indent: string): string {
  const short = JSON.stringify(sorted(value));
  if (indent.length + short.length <= WIDTH || !isRecord(value)) return short;
  const deeper = `${indent} `;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${deeper}${JSON.stringify(key)}:${written(value[key], deeper)}`);
  return `{\n${members.join(',\n')}}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
