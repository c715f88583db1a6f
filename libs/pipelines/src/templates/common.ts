import type { PipelineSpec, Processor } from '../spec/pipeline-spec.js';
import { processMetricNames } from '../spec/process-metrics.js';
import type { IntegerParameter } from './parameters.js';

export const intervalSeconds = {
  name: 'intervalSeconds',
  type: 'integer',
  default: 10,
  min: 1,
  max: 60,
  unit: 'seconds',
  description: 'How often every process is read.',
} as const satisfies IntegerParameter;

/**
 * A process pipeline round the given reduction. All templates share these ends, so a comparison of two of them
 * measures the reduction and nothing else.
 */
export function processPipeline(interval: number, reduction: readonly Processor[]): PipelineSpec {
  return {
    source: { kind: 'hostmetrics', intervalSeconds: interval, processMetrics: processMetricNames },
    processors: [
      { kind: 'memoryLimiter', limitMebibytes: 200 },
      ...reduction,
      { kind: 'identifyHost' },
      { kind: 'batch', timeoutMilliseconds: 200, points: 8192 },
    ],
    destination: { ref: 'default' },
  };
}
