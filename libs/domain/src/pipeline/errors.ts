import { DomainError } from '../kernel/index.js';

/** Every refusal of the pipeline aggregate, with the sentence that goes with it and what can be done. */
export const pipelineErrors = {
  'pipeline-not-found': ['There is no such pipeline.', 'Check the id, or create the pipeline first.'],
  'pipeline-already-exists': [
    'A pipeline with this id exists already.',
    'Create the new one under another id.',
  ],
  'pipeline-deprecated': ['The pipeline is deprecated and takes no new version.', 'Create a new pipeline.'],
} as const satisfies Record<string, readonly [string, string]>;

export type PipelineErrorCode = keyof typeof pipelineErrors;

export function refusePipeline(code: PipelineErrorCode): DomainError<PipelineErrorCode> {
  const [detail, hint] = pipelineErrors[code];
  return new DomainError(code, detail, hint);
}
