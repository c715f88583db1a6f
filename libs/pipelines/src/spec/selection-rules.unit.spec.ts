import { instantiateTemplate, validateSpec, type PipelineSpec, type Processor } from '../index.js';
import { processPipeline } from '../templates/common.js';
import type { ProcessorOf } from './pipeline-spec.js';
import { metricsToSelect } from './selection-rules.js';

const thresholds: ProcessorOf<'keepAboveThresholds'> = {
  ...{ kind: 'keepAboveThresholds', cpuCores: 0.5, memoryBytes: 0, offPercent: 50 },
  ...{ minSecondsBetweenSwaps: 20, maxSwapsPerHour: 6 },
};
const adaptive = instantiateTemplate('dynamic', {}).processors[1] as ProcessorOf<'keepAdaptive'>;
const topK = instantiateTemplate('topk', {}).processors[1]!;
const merge: Processor = { kind: 'mergeProcesses', by: 'class', keep: [] };

const rulesOf = (spec: PipelineSpec): readonly string[] =>
  validateSpec(spec).map(({ rule, path }) => `${rule} ${path}`);
const findings = (...processors: readonly Processor[]): readonly string[] =>
  rulesOf(processPipeline(10, processors));

describe('sets of processes', () => {
  it('stand alone, of whatever kind they are', () => {
    const conflict = ['conflicting-reductions processors.2'];
    for (const one of [thresholds, adaptive, topK]) expect(findings(one)).toEqual([]);
    expect(findings(topK, adaptive)).toEqual(conflict);
    expect(findings(adaptive, thresholds)).toEqual(conflict);
    expect(findings(merge, thresholds)).toEqual(conflict);
    expect(findings({ ...thresholds, others: 'class' }, merge)).toEqual(conflict);
    expect(findings(thresholds, thresholds)).toEqual(['duplicate-processor processors.2']);
  });

  it('need the metrics that their limits speak of, and no other', () => {
    const blind = (processor: Processor) =>
      rulesOf(processPipeline(10, [processor], ['process.memory.usage']));
    expect(blind(thresholds)).toEqual(['ranking-metric-missing source.processMetrics']);
    expect(blind({ ...thresholds, cpuCores: 0, memoryBytes: 1 })).toEqual([]);
    expect(metricsToSelect(thresholds)).toEqual(['process.cpu.time']);
    expect(metricsToSelect(adaptive)).toEqual(['process.cpu.time', 'process.memory.usage']);
  });

  it('have a limit, and a cap that one process fits under', () => {
    expect(findings({ ...thresholds, cpuCores: 0 })).toEqual(['threshold-missing processors.1']);
    expect(findings({ ...adaptive, maxSeries: 8 })).toEqual(['cap-out-of-range processors.1.maxSeries']);
    expect(findings({ ...adaptive, maxSeries: 9 })).toEqual([]);
    expect(findings({ ...adaptive, k: { min: 3, max: 2 } })).toEqual(['cap-out-of-range processors.1.k']);
    expect(findings({ ...adaptive, scaling: { busyPercent: 200, fullPercent: 100 } })).toEqual([
      'cap-out-of-range processors.1.scaling',
    ]);
  });
});
