import { processorOfControl, renderedPipelineSchema, renderPipeline, type Processor } from '../index.js';
import { processPipeline } from '../templates/common.js';

const limits = {
  ...{ cpuCores: 0.05, memoryBytes: 1e8, offPercent: 50, minSecondsBetweenSwaps: 20, maxSwapsPerHour: 6 },
} as const;
const scaling = { busyPercent: 150, fullPercent: 200 };
const processors: readonly Processor[] = [
  { kind: 'keepTopK', k: 3, rankBy: 'score', marginPercent: 10, minSecondsBetweenSwaps: 20 },
  { kind: 'keepTopK', k: 3, rankBy: 'cpu', marginPercent: 1, minSecondsBetweenSwaps: 2, others: 'class' },
  { kind: 'keepAboveThresholds', ...limits },
  { kind: 'keepAboveThresholds', ...limits, others: 'executable' },
  { kind: 'keepAdaptive', ...limits, scaling, maxSeries: 100 },
  { kind: 'keepAdaptive', ...limits, scaling, maxSeries: 100, k: { min: 1, max: 9 }, others: 'class' },
];

describe('the control of a set', () => {
  it.each(processors)('survives the wire and leads back to its processor: %j', (processor) => {
    const rendered = renderPipeline({
      ...{ spec: processPipeline(10, [processor]), host: { id: 'h', labels: {} }, criticalProcesses: ['db'] },
    });
    const read = renderedPipelineSchema.parse(JSON.parse(JSON.stringify(rendered)));
    expect(read).toEqual(rendered);
    expect(read.control && processorOfControl(read.control)).toEqual(processor);
    expect(rendered.yaml).toContain(`${rendered.control?.processor}:`);
    expect(rendered.rankingMetrics).toBeDefined();
  });

  it('is refused where its kind is unknown', () => {
    const rendered = renderPipeline({
      ...{ template: 'topk', parameters: {}, host: { id: 'h', labels: {} }, criticalProcesses: [] },
    });
    const strange = { ...rendered, control: { ...rendered.control, kind: 'oracle' } };
    const { success, error } = renderedPipelineSchema.safeParse(strange);
    expect(success).toBe(false);
    expect(error?.issues[0]?.path).toEqual(['control', 'kind']);
  });
});
