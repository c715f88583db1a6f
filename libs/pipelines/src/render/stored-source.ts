import { errorFinding, PipelineError } from '../findings.js';
import { pipelineSpecSchema, type PipelineSpec } from '../spec/pipeline-spec.js';
import { validateSpec } from '../spec/validate-spec.js';
import { isTemplateId, templateIds } from '../templates/catalogue.js';
import type { PipelineSource } from './render-pipeline.js';

/** What the log holds of a pipeline that can be rendered: as it was taken in, before its type is known again. */
export type StoredSource =
  | { readonly template: string; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly spec: Readonly<Record<string, unknown>> };

/**
 * The source behind stored content.
 * @throws PipelineError `invalid-parameters` when there is no such template, `invalid-specification`
 */
export function storedSource(stored: StoredSource): PipelineSource {
  if ('spec' in stored) return { spec: readSpec(stored.spec) };
  const { template, parameters } = stored;
  if (isTemplateId(template)) return { template, parameters };
  const fix = `Use one of: ${templateIds.join(', ')}.`;
  throw new PipelineError('invalid-parameters', [
    errorFinding('unknown-template', 'template', `there is no template ${JSON.stringify(template)}`, fix),
  ]);
}

/**
 * A specification of unknown origin, with its keys in the order of the schema.
 * @throws PipelineError `invalid-specification`, with all findings
 */
export function readSpec(input: unknown): PipelineSpec {
  const parsed = pipelineSpecSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new PipelineError('invalid-specification', validateSpec(input));
}
