import type { MetricsData } from '#lib/otlp';
import type { TopKSelection } from '../process-rules.js';
import type { HostFacts } from '../render/host-facts.js';
import type { HostIdentity } from '../render/render-processors.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import type { InterpreterMemory } from './memory.js';

/** A pipeline as it stands on one host at one moment. */
export type InterpretedPipeline = {
  readonly spec: PipelineSpec;
  readonly host: HostIdentity;
  readonly criticalProcesses: readonly string[];
  /** The set of a top-k pipeline; without it only critical processes pass. */
  readonly selection?: TopKSelection;
  /** What the detectors of a `resourceDetection` find on the host; without it, nothing. */
  readonly facts?: HostFacts;
};

export type Interpretation = { readonly data: MetricsData; readonly memory: InterpreterMemory };
