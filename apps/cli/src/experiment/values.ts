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

/** How a version of the catalogue is written where a template may stand. */
export const versionOf = (id: string, version: number): string => `pipeline:${id}@${version}`;

/** A template with its parameters, or `pipeline:<id>@<version>` of the catalogue. @throws UsageError */
export function pipelineRefOf(
  option: string,
  text: string,
  params: { readonly option: string; readonly given: readonly string[] },
): object {
  if (!text.startsWith('pipeline:'))
    return { kind: 'template', template: text, parameters: parametersOf(params.given) };
  const [, pipelineId, version] = /^pipeline:([\w-]+)@(\d{1,9})$/.exec(text) ?? [];
  if (pipelineId === undefined)
    throw new UsageError(`${option} takes a template or pipeline:<id>@<version>, not "${text}"`);
  if (params.given.length > 0)
    throw new UsageError(`${params.option} is of a template; a version of the catalogue has its own`);
  return { kind: 'pipeline', pipelineId, version: Number(version) };
}
