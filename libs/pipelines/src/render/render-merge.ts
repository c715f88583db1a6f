import { executableRules, type ProcessRule } from '../process-rules.js';
import { kernelClass, kernelThreadParent, otherClass, processClasses } from '../spec/process-classes.js';
import { staleAfterMinutes, tellingAttributes, type Grouping } from '../spec/merging.js';
import { processCounterNames } from '../spec/process-metrics.js';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import type { Component } from './collector-config.js';
import { executableIn, literal, processOutside, resourceAttribute } from './ottl.js';
import { metricStatements, type Statements } from './transform.js';

/** Marks the metrics of processes that are being merged; it never leaves the pipeline. */
const mark = 'merged:';

/** The first component of the chain. */
export const markId = 'transform/mark';

/** The chain for a fixed set of executables. */
export function renderMerge(
  { by, keep }: ProcessorOf<'mergeProcesses'>,
  critical: readonly string[],
): readonly Component[] {
  return mergeChain(by, executableRules(critical, keep));
}

/**
 * Merging over stock components. The scraper gives each process a resource of its own and each point its own
 * time, and no component sums across resources, so it takes a chain:
 * 1. mark the metrics of the processes to merge, so that the steps below leave kept processes alone;
 * 2. turn their counters into growth per scrape: a sum of counter values would fall when a process exits, and
 *    readers would take the fall for a reset and count all of it again;
 * 3. take away what tells processes apart, and bring resources that are equal now together;
 * 4. give all points of a group the time of its first one (they stem from one scrape) and sum those that meet;
 * 5. add the growth up again, so that the output is cumulative like that of kept processes.
 */
export function mergeChain(by: Grouping, kept: readonly ProcessRule[]): readonly Component[] {
  return [
    { id: markId, settings: metricStatements([markMetrics(kept)]) },
    {
      id: 'cumulativetodelta/merged',
      settings: {
        include: { match_type: 'strict', metrics: processCounterNames.map((name) => `${mark}${name}`) },
        // Without a limit the state of every process that ever ran would stay in memory.
        max_staleness: `${staleAfterMinutes}m`,
      },
    },
    { id: 'transform/anonymise', settings: metricStatements([anonymise(kept, by)]) },
    { id: 'groupbyattrs/merged', settings: {} },
    { id: 'transform/merge', settings: metricStatements([oneTime, sumPoints, removeTraces]) },
    { id: 'deltatocumulative/merged', settings: { max_stale: `${staleAfterMinutes}m` } },
  ];
}

function markMetrics(kept: readonly ProcessRule[]): Statements {
  return {
    context: 'metric',
    conditions: [processOutside(kept)],
    statements: [`set(metric.name, Concat([${literal(mark)}, metric.name], ""))`],
  };
}

function anonymise(kept: readonly ProcessRule[], by: Grouping): Statements {
  const naming = by === 'class' ? classify : cleanExecutable;
  const telling = by === 'class' ? [...tellingAttributes, 'executable.name'] : tellingAttributes;
  const pattern = `^process\\.(${telling.map((name) => name.replaceAll('.', '\\.')).join('|')})$`;
  return {
    context: 'resource',
    conditions: [processOutside(kept)],
    statements: [...naming, `delete_matching_keys(resource.attributes, ${literal(pattern)})`],
  };
}

const className = resourceAttribute('process.class');

const classify: readonly string[] = [
  `set(${className}, ${literal(otherClass)})`,
  ...processClasses.map(
    ({ name, executables }) => `set(${className}, ${literal(name)}) where ${executableIn(executables)}`,
  ),
  `set(${className}, ${literal(kernelClass)}) where ${resourceAttribute('process.parent_pid')} == ${kernelThreadParent}`,
];

/** Kernel workers carry their CPU and task behind a slash (`kworker/0:1-events`) and would never meet otherwise. */
const cleanExecutable: readonly string[] = [
  `replace_pattern(${resourceAttribute('process.executable.name')}, "/.*", "")`,
];

const isMarked = `IsMatch(metric.name, ${literal(`^${mark}`)})`;
const isDelta = 'metric.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA';
const groupTime = resourceAttribute('merged.time');
const groupStart = resourceAttribute('merged.start');

/** The group's resource is the one place that all its points share, so it carries the time between them. */
const oneTime: Statements = {
  context: 'datapoint',
  conditions: [isMarked],
  statements: [
    `set(${groupTime}, datapoint.time_unix_nano) where ${groupTime} == nil`,
    `set(datapoint.time_unix_nano, ${groupTime})`,
    `set(${groupStart}, datapoint.start_time_unix_nano) where ${isDelta} and ${groupStart} == nil`,
    `set(datapoint.start_time_unix_nano, ${groupStart}) where ${isDelta}`,
  ],
};

const sumPoints: Statements = {
  context: 'metric',
  conditions: [isMarked],
  statements: ['aggregate_on_attributes("sum")', `replace_pattern(metric.name, ${literal(`^${mark}`)}, "")`],
};

const removeTraces: Statements = {
  context: 'resource',
  statements: [
    `delete_key(resource.attributes, "merged.time")`,
    `delete_key(resource.attributes, "merged.start")`,
  ],
};
