import { PipelineError, type Finding } from '../findings.js';
import type { HostIdentity } from '../render/render-processors.js';
import type { OfferedReceivers } from '../spec/component-rules.js';
import { validateSpec } from '../spec/validate-spec.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { hasVariables } from './grammar.js';
import { parseText } from './parse.js';
import { tried } from './render-yaml.js';

/** Whether a specification depends on its host by more than its identity. */
export function hasHostVariables(spec: unknown): boolean {
  let found = false;
  mapTexts(spec, '', (text) => {
    found ||= hasVariables(text);
    return text;
  });
  return found;
}

/** A specification for one host. @throws PipelineError `invalid-specification`, with a finding for each value */
export function resolveSpec(spec: unknown, host: HostIdentity): unknown {
  const findings: Finding[] = [];
  const resolved = textsResolved(spec, { host }, findings);
  if (findings.length > 0) throw new PipelineError('invalid-specification', findings);
  return resolved;
}

/**
 * Every finding of a specification that may have variables. What a text with variables comes to is known for a host
 * only, so its shape is judged when it is rendered.
 * @param collector what the collector it is for offers; without it, what the pinned one does
 */
export function specFindings(spec: unknown, collector?: OfferedReceivers): readonly Finding[] {
  const findings: Finding[] = [];
  const open = new Set<string>();
  mapTexts(spec, '', (text, path) => {
    if (hasVariables(text)) open.add(path);
    return text;
  });
  if (open.size === 0) return validateSpec(spec, collector);
  const host = { id: 'example-host', labels: {} };
  const example = textsResolved(spec, { host, placeholder: 'example' }, findings);
  if (findings.length > 0) return findings;
  return validateSpec(example, collector).filter(({ path, rule }) => rule !== 'schema' || !open.has(path));
}

function textsResolved(spec: unknown, context: Evaluation, findings: Finding[]): unknown {
  return mapTexts(spec, '', (text, path) =>
    hasVariables(text) ? (tried(path, findings, () => evaluate(parseText(text), context)) ?? text) : text,
  );
}

/** The same value with each text changed; keys stay. */
function mapTexts(value: unknown, path: string, change: (text: string, path: string) => string): unknown {
  const below = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
  if (typeof value === 'string') return change(value, path);
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((item, at) => mapTexts(item, below(at), change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, below(key), change)]),
  );
}
