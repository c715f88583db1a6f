import type { PipelineContent } from '#lib/events';

/** `at` is when the command was given, ISO 8601; set at the edge, which has also validated the content. */
export type CreatePipeline = {
  readonly type: 'CreatePipeline';
  readonly at: string;
  readonly name: string;
  readonly description: string;
};
export type PublishPipelineVersion = {
  readonly type: 'PublishPipelineVersion';
  readonly at: string;
  readonly content: PipelineContent;
};
export type DeprecatePipeline = {
  readonly type: 'DeprecatePipeline';
  readonly at: string;
  readonly reason: string;
};

export type PipelineCommand = CreatePipeline | PublishPipelineVersion | DeprecatePipeline;
