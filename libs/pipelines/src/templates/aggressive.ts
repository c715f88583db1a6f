import { intervalSeconds, loadMetrics, processPipeline } from './common.js';
import { defineTemplate } from './template.js';

export const aggressiveTemplate = defineTemplate({
  id: 'aggressive',
  kind: 'aggregate',
  purpose:
    'The fewest series that still show every critical process: one total of CPU time and memory for each class of the others.',
  tradeOff:
    'Only critical processes can be told apart, and only by CPU time and memory without states; merged counters start at zero with the collector.',
  parameters: [
    {
      name: 'memory',
      type: 'choice',
      default: 'kept',
      choices: ['kept', 'dropped'],
      description: 'Whether memory is reported beside CPU time; without it half of the series go.',
    },
    intervalSeconds,
  ],
  build: (values) =>
    processPipeline(
      values.intervalSeconds,
      [
        // Before the merging, so that it has one counter for each process to follow instead of three.
        { kind: 'aggregateAttributes', away: { names: ['state', 'direction'], patterns: [] }, gauges: 'sum' },
        { kind: 'mergeProcesses', by: 'class', keep: [] },
        {
          kind: 'keepAttributes',
          on: 'resource',
          attributes: {
            names: ['process.pid', 'process.executable.name', 'process.class', 'host.id'],
            patterns: [],
          },
        },
      ],
      values.memory === 'kept' ? loadMetrics : ['process.cpu.time'],
    ),
});
