import { processClasses } from '../spec/process-classes.js';
import type { Processor } from '../spec/pipeline-spec.js';
import { groupBy, intervalSeconds, processPipeline } from './common.js';
import { defineTemplate } from './template.js';

const namesOf = (...classes: readonly string[]): readonly string[] =>
  processClasses.filter(({ name }) => classes.includes(name)).flatMap(({ executables }) => executables);

export const priorityFilterTemplate = defineTemplate({
  id: 'priority-filter',
  kind: 'filter',
  purpose:
    'Four tiers of executables: critical and high ones keep every process with every metric, medium ones are merged, low ones merged or dropped.',
  tradeOff:
    'What is looked at most stays whole whatever its load; a busy process of a low tier is only a part of a total, or invisible where that tier is dropped.',
  parameters: [
    {
      name: 'highProcesses',
      type: 'names',
      default: namesOf('web', 'database', 'broker'),
      maxItems: 100,
      description: 'Executables of the high tier, which stay individual besides the critical ones.',
    },
    {
      name: 'mediumProcesses',
      type: 'names',
      default: namesOf('runtime', 'container'),
      maxItems: 100,
      description: 'Executables of the medium tier, which are merged and never dropped.',
    },
    {
      name: 'lowTier',
      type: 'choice',
      default: 'merge',
      choices: ['merge', 'drop'],
      description: 'What becomes of all other executables: merged like the medium tier, or dropped.',
    },
    groupBy,
    intervalSeconds,
  ],
  build: (values) => {
    const high = [...new Set(values.highProcesses)].sort();
    const medium = [...new Set(values.mediumProcesses)].sort().filter((name) => !high.includes(name));
    return processPipeline(values.intervalSeconds, [
      inTiers(high, medium),
      ...(values.lowTier === 'drop' ? [dropLow] : []),
      { kind: 'mergeProcesses', by: values.groupBy, keep: high },
    ]);
  },
});

const tier = 'process.tier';

function inTiers(high: readonly string[], medium: readonly string[]): Processor {
  const classes = [
    { name: 'high', names: high },
    { name: 'medium', names: medium },
  ].filter(({ names }) => names.length > 0);
  return {
    kind: 'classifyProcesses',
    attribute: tier,
    critical: 'critical',
    classes: classes.map(({ name, names }) => ({ name, executables: { names, patterns: [] } })),
    builtIn: false,
    otherwise: 'low',
  };
}

const dropLow: Processor = {
  kind: 'dropPoints',
  where: [{ test: 'equals', on: 'resource', attribute: tier, value: 'low' }],
};
