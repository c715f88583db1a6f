import type { AnyValue, Attribute, KeyValueList } from '#lib/otlp';
import { timeText } from './memory.js';
import { once } from './once.js';

/**
 * A text that is equal for points that the collector's aggregation takes to be the same. It goes by the JSON of
 * their attributes, in which some values of different kinds are alike, and which fails as a whole for values that
 * are no JSON: all points with one of those then meet, whatever else they hold.
 */
export function meetingKey(
  point: { readonly attributes: readonly Attribute[]; readonly timeUnixNano: bigint },
  more: readonly AnyValue[],
): string {
  try {
    return `${pointText(point.attributes)} ${timeText(point.timeUnixNano)} ${more.map(text).join(' ')}`;
  } catch (error) {
    if (error instanceof NotJson) return '';
    throw error;
  }
}

class NotJson extends Error {}

function text(value: AnyValue): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Uint8Array) return bytesText(value);
  return isList(value) ? `[${value.map(text).join(',')}]` : objectText(value.keyValues);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new NotJson();
  return Object.is(value, -0) ? '-0' : String(value);
}

function bytesText(value: Uint8Array): string {
  return value.length === 0 ? 'null' : JSON.stringify(Buffer.from(value).toString('base64'));
}

function objectText(attributes: readonly Attribute[]): string {
  return `{${attributes.map(attributeText).sort().join(',')}}`;
}

const pointText = once(objectText);

const attributeText = once(({ key, value }: Attribute) => `${JSON.stringify(key)}:${text(value)}`);

// Array.isArray does not narrow readonly arrays.
function isList(value: KeyValueList | readonly AnyValue[]): value is readonly AnyValue[] {
  return Array.isArray(value);
}
