import { z } from 'zod';

/**
 * Reads `OTEL_RESOURCE_ATTRIBUTES`: `key=value` pairs with commas between them, where what is not plain stands
 * percent-encoded, as the specification of OpenTelemetry says. Of two with one key the last is taken.
 */
export const resourceAttributes = z.string().transform((text, context) => {
  const pairs = text.split(',').map(readPair);
  const read = pairs.filter((pair) => pair !== undefined);
  if (read.length === pairs.length) return Object.fromEntries(read);
  context.addIssue('must be key=value pairs with commas between them, percent-encoded');
  return z.NEVER;
});

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
