import type { PipelineSpec, Processor } from '../spec/pipeline-spec.js';
import { processMetricNames, type ProcessMetric } from '../spec/process-metrics.js';
import type { ChoiceParameter, IntegerParameter } from './parameters.js';

export const intervalSeconds = {
  name: 'intervalSeconds',
  type: 'integer',
  default: 10,
  min: 1,
  max: 60,
  unit: 'seconds',
  description: 'How often every process is read.',
} as const satisfies IntegerParameter;

export const groupBy = {
  name: 'groupBy',
  type: 'choice',
  default: 'executable',
  choices: ['executable', 'class'],
  description: 'Merge by executable name, or further by class (web, database, runtime and so on).',
} as const satisfies ChoiceParameter;

export const marginPercent = {
  name: 'marginPercent',
  type: 'integer',
  default: 10,
  min: 0,
  max: 100,
  unit: 'percent',
  description: 'By how much a newcomer must beat the weakest kept process before it takes its place.',
} as const satisfies IntegerParameter;

export const minSecondsBetweenSwaps = {
  name: 'minSecondsBetweenSwaps',
  type: 'integer',
  default: 20,
  min: 0,
  max: 3600,
  unit: 'seconds',
  description: 'How long a set stays before an ordinary change; a hot newcomer waits two windows at most.',
} as const satisfies IntegerParameter;

/** What a process is made to look like where only its load counts. */
export const loadMetrics: readonly ProcessMetric[] = ['process.cpu.time', 'process.memory.usage'];

/**
 * A process pipeline round the given reduction. All templates share these ends, so a comparison of two of them
 * measures the reduction and nothing else. `processMetrics` is part of the reduction: all of them, unless said.
 */
export function processPipeline(
  interval: number,
  reduction: readonly Processor[],
  processMetrics: readonly ProcessMetric[] = processMetricNames,
): PipelineSpec {
  return {
    source: { kind: 'hostmetrics', intervalSeconds: interval, processMetrics },
    processors: [
      { kind: 'memoryLimiter', limitMebibytes: 200 },
      ...reduction,
      { kind: 'identifyHost' },
      { kind: 'batch', timeoutMilliseconds: 200, points: 8192 },
    ],
    destination: { ref: 'default' },
  };
}
