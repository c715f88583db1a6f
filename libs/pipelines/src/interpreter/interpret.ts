import type { MetricsData } from '#lib/otlp';
import type { Interpretation, InterpretedPipeline } from './interpretation.js';
import type { InterpreterMemory } from './memory.js';
import { stepOf } from './steps.js';

/**
 * What the pipeline emits for one scrape, and what it remembers for the next: the same as the rendered
 * configuration does in a real collector, without one. A request is a whole scrape, as the receiver sends it.
 * The memory limiter and the batch change when data leaves, not what leaves, so they do nothing here.
 */
export function interpret(
  pipeline: InterpretedPipeline,
  scrape: MetricsData,
  memory: InterpreterMemory,
): Interpretation {
  return pipeline.spec.processors.reduce<Interpretation>(
    (state, processor, place) => stepOf(processor, { pipeline, place }, state),
    { data: scrape, memory },
  );
}
