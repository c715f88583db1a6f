import type { MetricsData, Resource } from '#lib/otlp';
import { executableRules, topKRules, type TopKSelection } from '../process-rules.js';
import { hostAttributes, type HostIdentity } from '../render/render-processors.js';
import type { PipelineSpec, Processor } from '../spec/pipeline-spec.js';
import type { InterpreterMemory } from './memory.js';
import { mergeProcesses } from './merge-processes.js';
import { isOutside } from './process-resource.js';

/** A pipeline as it stands on one host at one moment. */
export type InterpretedPipeline = {
  readonly spec: PipelineSpec;
  readonly host: HostIdentity;
  readonly criticalProcesses: readonly string[];
  /** The set of a top-k pipeline; without it only critical processes pass. */
  readonly selection?: TopKSelection;
};

export type Interpretation = { readonly data: MetricsData; readonly memory: InterpreterMemory };

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
    (state, processor) => step(processor, pipeline, state),
    { data: scrape, memory },
  );
}

function step(processor: Processor, pipeline: InterpretedPipeline, state: Interpretation): Interpretation {
  const { criticalProcesses, host, selection } = pipeline;
  switch (processor.kind) {
    case 'memoryLimiter':
    case 'batch':
      return state;
    case 'keepTopK': {
      const rules = topKRules(criticalProcesses, selection);
      const kept = state.data.resourceMetrics.filter(({ resource }) => !isOutside(resource, rules));
      return { ...state, data: { resourceMetrics: kept } };
    }
    case 'mergeProcesses': {
      const kept = executableRules(criticalProcesses, processor.keep);
      return mergeProcesses(state.data, { by: processor.by, kept }, state.memory);
    }
    case 'identifyHost':
      return { ...state, data: identified(state.data, host) };
  }
}

function identified(data: MetricsData, host: HostIdentity): MetricsData {
  const identity = hostAttributes(host).map(([key, value]) => ({ key, value }));
  const keys = new Set(identity.map(({ key }) => key));
  const named = (resource: Resource): Resource => ({
    ...resource,
    attributes: [...resource.attributes.filter(({ key }) => !keys.has(key)), ...identity],
  });
  return {
    resourceMetrics: data.resourceMetrics.map((item) => ({ ...item, resource: named(item.resource) })),
  };
}
