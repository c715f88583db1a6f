import { intervalSeconds, processPipeline } from './common.js';
import { defineTemplate } from './template.js';

export const baselineTemplate = defineTemplate({
  id: 'baseline',
  kind: 'everything',
  purpose: 'Every process with every metric: what is paid for today, and the measure of all reductions.',
  tradeOff: 'Loses nothing and saves nothing; its series grow with every process that ever starts.',
  parameters: [intervalSeconds],
  build: (values) => processPipeline(values.intervalSeconds, []),
});
