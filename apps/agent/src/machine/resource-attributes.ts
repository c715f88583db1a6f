/** What stands in the place of attributes that cannot be read; all of them are left out. */
export const UNREADABLE_ATTRIBUTES =
  'OTEL_RESOURCE_ATTRIBUTES is not key=value pairs with commas between them, percent-encoded: none of it is used';

/**
 * Reads `OTEL_RESOURCE_ATTRIBUTES`: `key=value` pairs with commas between them, where what is not plain stands
 * percent-encoded. Of two with one key the last is taken.
 * @returns undefined where any of it cannot be read: the specification of OpenTelemetry asks to discard the whole then
 */
export function readResourceAttributes(text = ''): Readonly<Record<string, string>> | undefined {
  if (text === '') return {};
  const pairs = text.split(',').map(readPair);
  const read = pairs.filter((pair) => pair !== undefined);
  return read.length === pairs.length ? Object.fromEntries(read) : undefined;
}

function readPair(pair: string): readonly [string, string] | undefined {
  const end = pair.indexOf('=');
  const [key, value] = [pair.slice(0, end).trim(), pair.slice(end + 1).trim()];
  if (end < 0 || key === '') return undefined;
  try {
    return [decodeURIComponent(key), decodeURIComponent(value)];
  } catch {
    return undefined;
  }
}
