import { renderImport } from '../imported/render-import.js';
import type { HostIdentity } from './render-processors.js';
import { renderPipeline, type PipelineSource } from './render-pipeline.js';
import type { RenderedPipeline } from './rendered-pipeline.js';
import { hasHostVariables, resolveSpec } from '../variables/spec-texts.js';
import { readSpec, storedSource, type StoredSource } from './stored-source.js';

/** What the log holds of a pipeline: a source that is rendered, or a host's own configuration. */
export type StoredContent = StoredSource | { readonly yaml: string };

export type StoredRequest = {
  readonly host: HostIdentity;
  /** A host's own configuration keeps those that it keeps; only a rendered pipeline can be told. */
  readonly criticalProcesses: readonly string[];
};

/**
 * Stored content for one host; equal requests give equal bytes.
 * @throws PipelineError `invalid-parameters` or `invalid-specification`, with all findings
 */
export function renderStored(
  content: StoredContent,
  { criticalProcesses, host }: StoredRequest,
): RenderedPipeline {
  if ('yaml' in content) return renderImport({ yaml: content.yaml, host });
  return renderPipeline({ ...sourceForHost(content, host), host, criticalProcesses });
}

/**
 * The source behind stored content with what differs from host to host put in.
 * @throws PipelineError as `renderStored`
 */
export function sourceForHost(content: StoredSource, host: HostIdentity): PipelineSource {
  if ('spec' in content && hasHostVariables(content.spec))
    return { spec: readSpec(resolveSpec(content.spec, host)) };
  return storedSource(content);
}
