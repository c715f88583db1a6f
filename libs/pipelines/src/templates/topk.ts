import { intervalSeconds, processPipeline } from './common.js';
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
    {
      name: 'marginPercent',
      type: 'integer',
      default: 10,
      min: 0,
      max: 100,
      unit: 'percent',
      description: 'By how much a newcomer must beat the weakest kept process before it takes its place.',
    },
    {
      name: 'minSecondsBetweenSwaps',
      type: 'integer',
      default: 20,
      min: 0,
      max: 3600,
      unit: 'seconds',
      description:
        'How long a set stays before an ordinary change; a hot newcomer waits two windows at most.',
    },
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
