import {
  groupBy,
  intervalSeconds,
  marginPercent,
  minSecondsBetweenSwaps,
  processPipeline,
} from './common.js';
import { defineTemplate } from './template.js';

export const hybridTemplate = defineTemplate({
  id: 'hybrid',
  kind: 'aggregate',
  purpose:
    'The k processes with the highest score and every critical one by themselves, all others as totals of their group.',
  tradeOff:
    'Totals of groups stay true, and more series stay than with topk; a process that enters or leaves the set ' +
    'leaves or enters the total of its group, and merged counters start at zero with each change of the set.',
  parameters: [
    {
      name: 'k',
      type: 'integer',
      default: 10,
      min: 1,
      max: 500,
      unit: 'processes',
      description:
        'How many processes to keep by themselves, by the mean of their shares of CPU time and memory.',
    },
    groupBy,
    marginPercent,
    minSecondsBetweenSwaps,
    intervalSeconds,
  ],
  build: (values) =>
    processPipeline(values.intervalSeconds, [
      {
        kind: 'keepTopK',
        k: values.k,
        rankBy: 'score',
        marginPercent: values.marginPercent,
        minSecondsBetweenSwaps: values.minSecondsBetweenSwaps,
        others: values.groupBy,
      },
    ]),
});
