import type { AnyValue, Attribute, KeyValueList, Scope } from '#lib/otlp';
import { got, type Level } from './level.js';
import { once } from './once.js';

/** A text that is equal for equal sets of attributes, whatever their order; values of different kinds differ. */
export const attributesKey: (attributes: readonly Attribute[]) => string = once((attributes) =>
  attributes.map(attributeKey).sort().join(','),
);

const attributeKey = once(
  ({ key, value }: Attribute) => `${JSON.stringify(key)}=${JSON.stringify(valueKey(value))}`,
);

/** The collector tells scopes apart by name and version only. */
export const scopeKey: (scope: Scope) => string = once(({ name, version }) =>
  JSON.stringify([name, version]),
);

/** A text for a resource and a scope in it: the same long text each time, whose hash is known when it is looked up. */
export function ownerKey(attributes: readonly Attribute[], scope: Scope): string {
  const ofScope = scopeKey(scope);
  return got(ownersOf(attributes), ofScope, () => `${attributesKey(attributes)}\n${ofScope}`);
}

const ownersOf = once((_: readonly Attribute[]): Level<string> => new Map());

function valueKey(value: AnyValue): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object') return `${typeof value}:${String(value)}`;
  if (value instanceof Uint8Array) return `bytes:${value.join(' ')}`;
  return isArray(value) ? `[${value.map(valueKey).join(',')}]` : `{${attributesKey(value.keyValues)}}`;
}

// Array.isArray does not narrow readonly arrays.
function isArray(value: KeyValueList | readonly AnyValue[]): value is readonly AnyValue[] {
  return Array.isArray(value);
}
