import { located, validateCollectorConfig, type Catalogue } from '#lib/collector-validation';
import type { MetricsData } from '#lib/otlp';
import {
  exampleYaml,
  importFindings,
  yamlVariableFindings,
  type Finding,
  type ImportRole,
} from '#lib/pipelines';

export type { ImportRole } from '#lib/pipelines';

export type YamlUse = {
  /** What the host's collector offers; without it, the collector that Phoenix pins. */
  readonly components?: Catalogue | undefined;
  /** What it is to be in an experiment, where that is known. */
  readonly role?: ImportRole | undefined;
  /** Metrics on which its filters are tried. */
  readonly sample?: MetricsData | undefined;
};

/**
 * Everything that is wrong with a host's own configuration: its variables, the configuration that they come to, and
 * what an agent makes of it. With variables that mean nothing there is no configuration that could be judged.
 */
export function yamlFindings(yaml: string, { components, role, sample }: YamlUse = {}): readonly Finding[] {
  const wrong = yamlVariableFindings(yaml);
  if (wrong.length > 0) return located(yaml, wrong);
  const example = exampleYaml(yaml);
  const found = validateCollectorConfig(example, {
    ...(components && { components }),
    ...(sample && { sample }),
  });
  // What cannot be read has been told, and what is broken there says nothing about hosts.
  if (found.some(({ rule }) => UNREAD.has(rule))) return found;
  return [...found, ...located(example, importFindings(example, role))];
}

const UNREAD = new Set<Finding['rule']>([
  ...(['input-size', 'input-encoding', 'yaml-syntax', 'root-not-map', 'too-deep'] as const),
  ...(['alias-cycle', 'alias-expansion', 'multiple-documents', 'pipelines-missing'] as const),
]);
