import type { Processor } from '../spec/pipeline-spec.js';
import { intervalSeconds, loadMetrics, processPipeline } from './common.js';
import { defineTemplate } from './template.js';

export const minimalTemplate = defineTemplate({
  id: 'minimal',
  kind: 'filter',
  purpose: 'Every process with its CPU time and its memory, its pid and its name, and nothing else.',
  tradeOff:
    'No process is lost, but disk, threads, files, command lines and owners are; its series still grow with every process that starts.',
  parameters: [
    {
      name: 'cpuStates',
      type: 'choice',
      default: 'together',
      choices: ['together', 'apart'],
      description: 'CPU time as one total for each process, or by state (user, system, wait).',
    },
    intervalSeconds,
  ],
  build: (values) =>
    processPipeline(
      values.intervalSeconds,
      values.cpuStates === 'together' ? [cpuTogether, nameOnly] : [nameOnly],
      loadMetrics,
    ),
});

/** All states of a process end together, so their total falls no more than they do. */
const cpuTogether: Processor = {
  kind: 'aggregateAttributes',
  metrics: { names: ['process.cpu.time'], patterns: [] },
  away: { names: ['state'], patterns: [] },
  gauges: 'sum',
};

const nameOnly: Processor = {
  kind: 'keepAttributes',
  on: 'resource',
  attributes: { names: ['process.pid', 'process.executable.name', 'host.id'], patterns: [] },
};
