import { templates, type TemplateDescription } from './catalogue.js';
import type { ParameterDefinition } from './parameters.js';

/** The page of all templates with their parameters, in Markdown. */
export function templatesPage(): string {
  return [
    '# Templates',
    '',
    'Printed from `libs/pipelines/src/templates`. Every template reads the processes of a host, keeps those that an experiment calls critical as individual processes, and puts the name and the labels of the host on what it sends.',
    '',
    ...templates.flatMap(section),
    ...howSetsWork,
  ].join('\n');
}

function section({ id, kind, parameters, purpose, tradeOff }: TemplateDescription): readonly string[] {
  return [
    `## ${id}`,
    '',
    `${purpose} Kind: ${kind}.`,
    '',
    `What it costs: ${tradeOff}`,
    '',
    '| parameter | default | may be | what it does |',
    '| --- | --- | --- | --- |',
    ...parameters.map(row),
    '',
  ];
}

function row(definition: ParameterDefinition): string {
  const value = Array.isArray(definition.default)
    ? `${definition.default.length} names`
    : String(definition.default);
  return `| ${definition.name} | ${value} | ${rangeOf(definition)} | ${definition.description} |`;
}

function rangeOf(definition: ParameterDefinition): string {
  switch (definition.type) {
    case 'integer':
      return `${definition.min} to ${definition.max} ${definition.unit}`;
    case 'choice':
      return definition.choices.join(', ');
    case 'names':
      return `up to ${definition.maxItems} executables`;
  }
}

const howSetsWork: readonly string[] = [
  '## How sets are kept',
  '',
  'A stock collector cannot tell which processes are busy: CPU time is a counter, and a filter sees one value at a time. topk, hybrid, adaptive and dynamic are therefore rendered with a ranking tap before the filter. The agent reads it once each window, decides which processes are in, and writes them into the configuration as ordinary rules for pid and executable. A new collector starts beside the old one, and the old one ends an interval after the new one has sent its first scrape.',
  '',
  'adaptive and dynamic compare the mean of the cores in a window and the resident memory with limits. A process that is above one of them for two windows enters at the second, unless the changes of the hour are used up; then the agent logs `budget-is-used-up`. A member leaves below half of its limits, at the next change, or at one of its own once the set has rested for a minute and more than half of the changes of the hour are left. The first set is no change. Limits grow with the use of their own resource, cores against the cores of the host and resident bytes against its memory, from 60 % and from 80 %, and fall again ten points lower. The cap counts processes: `maxSeries` divided by the series that one process has at most; critical processes take their part first and are never left out.',
  '',
];
