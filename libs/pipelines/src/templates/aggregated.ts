import { groupBy, intervalSeconds, processPipeline } from './common.js';
import { defineTemplate } from './template.js';

export const aggregatedTemplate = defineTemplate({
  id: 'aggregated',
  kind: 'aggregate',
  purpose: 'Important processes one by one, all others as one total for each executable or class.',
  tradeOff:
    'Totals stay true, single unimportant processes can no longer be told apart; merged counters start at zero with the collector.',
  parameters: [
    {
      name: 'importantProcesses',
      type: 'names',
      default: [],
      maxItems: 100,
      description: 'Executables that stay individual, besides the critical ones.',
    },
    groupBy,
    intervalSeconds,
  ],
  build: (values) =>
    processPipeline(values.intervalSeconds, [
      { kind: 'mergeProcesses', by: values.groupBy, keep: [...new Set(values.importantProcesses)].sort() },
    ]),
});
