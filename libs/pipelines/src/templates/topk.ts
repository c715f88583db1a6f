import { intervalSeconds, marginPercent, minSecondsBetweenSwaps, processPipeline } from './common.js';
import { defineTemplate } from './template.js';

export const topkTemplate = defineTemplate({
  id: 'topk',
  kind: 'filter',
  purpose: 'Only the k busiest processes of each host and every critical one.',
  tradeOff:
    'Processes outside the set are invisible until they become hot; a hot newcomer appears after at most two windows.',
  parameters: [
    {
      name: 'k',
      type: 'integer',
      default: 20,
      min: 1,
      max: 500,
      unit: 'processes',
      description: 'How many of the busiest processes to keep on each host.',
    },
    {
      name: 'rankBy',
      type: 'choice',
      default: 'cpu',
      choices: ['cpu', 'memory', 'score'],
      description:
        'What makes a process busy: CPU time used, resident memory, or the mean of its shares of both.',
    },
    marginPercent,
    minSecondsBetweenSwaps,
    intervalSeconds,
  ],
  build: (values) =>
    processPipeline(values.intervalSeconds, [
      {
        kind: 'keepTopK',
        k: values.k,
        rankBy: values.rankBy,
        marginPercent: values.marginPercent,
        minSecondsBetweenSwaps: values.minSecondsBetweenSwaps,
      },
    ]),
});
