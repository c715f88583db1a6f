import { PipelineError, type Finding } from '../findings.js';
import { plainText } from '../render/collector-config.js';
import type { HostIdentity } from '../render/render-processors.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { VariableError, hasVariables, type Part } from './grammar.js';
import { parseScalar, templatedScalars, type TemplatedScalar } from './yaml-scalars.js';

/** Everything that is wrong with the variables of a configuration, as far as that can be said without a host. */
export function yamlVariableFindings(yaml: string): readonly Finding[] {
  return compiled(yaml).findings;
}

/**
 * A configuration for one host: each value with variables is written as text in double quotes, and nothing else
 * changes; even its lines stay where they are. A value of the host can neither end its text nor be expanded.
 * @throws PipelineError `invalid-specification`, with a finding for each value that means nothing here
 */
export function renderYaml(yaml: string, host: HostIdentity): string {
  return hasVariables(yaml) ? written(yaml, { host, escape: plainText }) : yaml;
}

/** The same for a host that nobody knows, for those who judge a configuration before there is one. */
export function exampleYaml(yaml: string): string {
  const { findings } = hasVariables(yaml) ? compiled(yaml) : { findings: [] };
  if (!hasVariables(yaml) || findings.length > 0) return yaml;
  const host = { id: 'example-host', labels: {} };
  return written(yaml, { host, placeholder: '1', escape: plainText });
}

type Compiled = {
  readonly values: readonly (TemplatedScalar & { readonly parts: readonly Part[] })[];
  readonly findings: readonly Finding[];
};

/** A fleet has one text for thousands of hosts. */
const REMEMBERED = 8;
const remembered = new Map<string, Compiled>();

function compiled(yaml: string): Compiled {
  const known = remembered.get(yaml) ?? compile(yaml);
  remembered.delete(yaml);
  remembered.set(yaml, known);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return known;
}

function compile(yaml: string): Compiled {
  const { scalars, unquoted } = templatedScalars(yaml);
  const findings: Finding[] = unquoted.map((path) => ({
    ...{ rule: 'variable-syntax', severity: 'error', path },
    message: 'A value that begins with {{ is a map to YAML.',
    fix: 'Put the value into quotes.',
  }));
  const values = scalars.flatMap((scalar) => {
    const parts = tried(scalar.path, findings, () => parseScalar(scalar.text));
    return parts === undefined ? [] : [{ ...scalar, parts }];
  });
  return { values, findings };
}

function written(yaml: string, context: Evaluation): string {
  const { findings: wrong, values } = compiled(yaml);
  const findings = [...wrong];
  let text = '';
  let rest = 0;
  for (const { from, parts, path, to } of values) {
    const value = tried(path, findings, () => evaluate(parts, context));
    // As many lines as before, so that positions in what is rendered are those of what was given.
    const lines = '\n'.repeat(yaml.slice(from, to).split('\n').length - 1);
    text += `${yaml.slice(rest, from)}${quoted(value ?? '')}${lines}`;
    rest = to;
  }
  if (findings.length > 0) throw new PipelineError('invalid-specification', findings);
  return text + yaml.slice(rest);
}

/** Text in double quotes of YAML: what JSON escapes, and the signs that YAML takes for ends of lines or does not print. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/g, (sign) =>
    /[\ud800-\udfff]/.test(sign) ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What a try gives, or undefined and one finding more. */
export function tried<T>(path: string, findings: Finding[], attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof VariableError)) throw error;
    const { fix, message, rule } = error;
    findings.push({ rule, severity: 'error', path, message, fix });
    return undefined;
  }
}
