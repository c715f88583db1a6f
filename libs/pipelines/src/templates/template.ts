import type { PipelineSpec } from '../spec/pipeline-spec.js';
import type { ParameterDefinition, ParameterValues } from './parameters.js';

export type TemplateId =
  | 'baseline'
  | 'topk'
  | 'aggregated'
  | 'priority-filter'
  | 'minimal'
  | 'aggressive'
  | 'hybrid'
  | 'adaptive'
  | 'dynamic';

/** A ready-made pipeline with a few knobs, and an honest word on what it costs to use it. */
export type Template<Ds extends readonly ParameterDefinition[] = readonly ParameterDefinition[]> = {
  readonly id: TemplateId;
  readonly kind: 'everything' | 'filter' | 'aggregate';
  readonly purpose: string;
  readonly tradeOff: string;
  readonly parameters: Ds;
  readonly build: (values: ParameterValues<Ds>) => PipelineSpec;
};

/** Infers the parameter types of a template from its definitions. */
export function defineTemplate<const Ds extends readonly ParameterDefinition[]>(
  template: Template<Ds>,
): Template<Ds> {
  return template;
}
