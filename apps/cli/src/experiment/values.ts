import { UsageError } from '../exit-codes.js';

/** Collects an option that may be given more than once. */
export const collect = (value: string, previous: readonly string[]): readonly string[] => [
  ...previous,
  value,
];

/** @throws UsageError when a text is not key=value */
export function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      if (key === undefined || value === undefined) throw new UsageError(`"${text}" is not key=value`);
      return [key, value];
    }),
  );
}

/** Numbers and booleans are sent as such; the server judges them against the template. */
export function parametersOf(texts: readonly string[]): Record<string, unknown> {
  const literal = (value: string): unknown =>
    /^(true|false|-?\d+(\.\d+)?)$/.test(value) ? JSON.parse(value) : value;
  return Object.fromEntries(Object.entries(pairs(texts)).map(([key, value]) => [key, literal(value)]));
}

/** Hosts and labels as the targets of an experiment; undefined when there are none. */
export function targetsOf(hosts: readonly string[], labels: readonly string[]): object | undefined {
  if (hosts.length === 0 && labels.length === 0) return undefined;
  return {
    ...(hosts.length === 0 ? {} : { hosts }),
    ...(labels.length === 0 ? {} : { labels: pairs(labels) }),
  };
}

/** @throws UsageError */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} takes a whole number, not "${text}"`);
  return Number(text);
}

/** Names between commas, without the empty ones. */
export function namesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
