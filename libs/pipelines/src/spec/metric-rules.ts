import { errorFinding, type Finding } from '../findings.js';
import { didYouMean } from '../suggest.js';
import type { NameSelection } from './naming.js';
import type { PipelineSpec, Processor, ProcessorKind } from './pipeline-spec.js';
import { compilePattern } from './regex.js';
import { givenBy, systemScrapers } from './system-metrics.js';

/** The metrics that a source gives, by name; nothing where only its targets know. */
export function metricsOfSource(source: PipelineSpec['source']): readonly string[] | undefined {
  if (source.kind !== 'hostmetrics') return undefined;
  const { processMetrics = [], system = {} } = source;
  const ofSystem = systemScrapers.flatMap((scraper) => {
    const settings = system[scraper];
    return settings === undefined ? [] : givenBy(scraper, settings.metrics);
  });
  return [...processMetrics, ...ofSystem];
}

/** Warns of metrics that processors name and that do not come to them, as the source does not give them. */
export function metricsAreThere({ processors, source }: PipelineSpec): readonly Finding[] {
  const given = metricsOfSource(source);
  if (given === undefined) return [];
  const findings: Finding[] = [];
  let here = given;
  processors.forEach((processor, index) => {
    const known = here;
    findings.push(...missing(processor, known).map((name) => unknown(name, known, `processors.${index}`)));
    here = after(processor, known);
  });
  return findings;
}

/** Finds processors for processes behind a source that scrapes the machine as a whole only. */
export function processesAreThere({ processors, source }: PipelineSpec): readonly Finding[] {
  if (source.kind !== 'hostmetrics' || source.processMetrics !== undefined) return [];
  return processors.flatMap(({ kind }, index) =>
    needsProcesses.has(kind)
      ? [
          errorFinding(
            'processes-missing',
            `processors.${index}`,
            `${kind} works on processes, and the source scrapes none`,
            `Add processMetrics to the source, or leave ${kind} out.`,
          ),
        ]
      : [],
  );
}

const needsProcesses: ReadonlySet<ProcessorKind> = new Set(['mergeProcesses', 'classifyProcesses']);

function missing(processor: Processor, known: readonly string[]): readonly string[] {
  if (processor.kind === 'renameMetrics')
    return processor.renames.map(({ from }) => from).filter((name) => !known.includes(name));
  const { names, patterns } = selectionOf(processor) ?? { names: [], patterns: [] };
  const fits = (pattern: string): boolean => known.some((name) => compilePattern(pattern).test(name));
  return [...names.filter((name) => !known.includes(name)), ...patterns.filter((pattern) => !fits(pattern))];
}

function selectionOf(processor: Processor): NameSelection | undefined {
  return 'metrics' in processor ? processor.metrics : undefined;
}

/** The names that are left behind a processor. */
function after(processor: Processor, known: readonly string[]): readonly string[] {
  if (processor.kind === 'keepMetrics') return known.filter((name) => isPicked(processor.metrics, name));
  if (processor.kind === 'dropMetrics') return known.filter((name) => !isPicked(processor.metrics, name));
  if (processor.kind !== 'renameMetrics') return known;
  const names = new Map(processor.renames.map(({ from, to }) => [from, to]));
  return known.map((name) => names.get(name) ?? name);
}

function isPicked({ names, patterns }: NameSelection, metric: string): boolean {
  return names.includes(metric) || patterns.some((pattern) => compilePattern(pattern).test(metric));
}

function unknown(name: string, known: readonly string[], path: string): Finding {
  return {
    rule: 'unknown-metric',
    severity: 'warning',
    path,
    message: `no metric that comes here is meant by ${JSON.stringify(name)}`,
    fix: didYouMean(name, known),
  };
}
