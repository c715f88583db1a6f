import type { MetricsData } from '#lib/otlp';
import type { Finding } from '../findings.js';
import type { Catalogue } from './catalogue/catalogue.js';
import { pinnedCatalogue } from './catalogue/pinned.js';
import { checks } from './checks/index.js';
import { readModel } from './model/read-model.js';
import { problem, type Problem } from './problem.js';
import { MAX_FINDINGS_PER_RULE } from './read/limits.js';
import { Lines } from './read/lines.js';
import { parseYaml, type Reading } from './read/parse-yaml.js';
import { readText } from './read/read-text.js';
import { collectorRules, type CollectorRule } from './rules.js';

export type CollectorConfigOptions = {
  /** What the host's collector offers; by default the components of the collector that Phoenix pins. */
  readonly components?: Catalogue;
  /** Metrics that the pipelines would see: filters are tried on them. */
  readonly sample?: MetricsData;
};

/**
 * Everything that is wrong with raw collector YAML, in the order of its lines. Looks at the text only: no file is
 * opened and no variable is read. Time and memory are bounded for any input, and messages never quote a value.
 */
export function validateCollectorConfig(
  input: string | Uint8Array,
  { components = pinnedCatalogue, sample }: CollectorConfigOptions = {},
): readonly Finding[] {
  const { text, refusal } = readText(input);
  const lines = new Lines(text);
  if (refusal !== undefined) return findings([refusal], lines);
  const reading = parseYaml(text);
  return findings([...reading.problems, ...problemsOf(reading, components, sample)], lines);
}

function problemsOf(
  { root, problems }: Reading,
  catalogue: Catalogue,
  sample: MetricsData | undefined,
): readonly Problem[] {
  // Behind an alias that leads nowhere stands nothing that could be judged.
  if (problems.some(({ rule }) => rule === 'alias-cycle')) return [];
  if (root === undefined && problems.length > 0) return [];
  if (root?.kind !== 'map') {
    const place = { path: '', offset: root?.offset ?? 0 };
    const message = 'A configuration is a map with receivers, exporters and a service.';
    return [problem('root-not-map', place, message, 'Begin with receivers:.')];
  }
  const model = readModel(root, catalogue);
  return checks.flatMap((check) => check(model, sample));
}

function findings(problems: readonly Problem[], lines: Lines): readonly Finding[] {
  const counts = new Map<CollectorRule, number>();
  return [...problems]
    .sort((a, b) => a.place.offset - b.place.offset)
    .flatMap(({ rule, place, message, fix }) => {
      const count = (counts.get(rule) ?? 0) + 1;
      counts.set(rule, count);
      if (count > MAX_FINDINGS_PER_RULE) return [];
      const position = lines.positionOf(place.offset);
      const { severity } = collectorRules[rule];
      const said = typeof fix === 'string' ? fix : fix();
      return [{ rule, severity, path: place.path, position, message, fix: said }];
    });
}
