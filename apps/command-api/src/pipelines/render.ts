import { PipelineError, renderStored, type RenderedPipeline } from '#lib/pipelines';
import { invalidContent } from '../shared/http/edge-error.js';
import { contentIn } from './content.js';
import type { RenderPipelineDto } from './pipeline.dto.js';

/**
 * What a host is sent of a content. YAML stays as it is but for its variables.
 * @throws ProblemError `invalid-parameters`, `invalid-specification` or `invalid-configuration` with all findings
 */
export function render({ host, criticalProcesses = [], ...given }: RenderPipelineDto): RenderedPipeline {
  const content = contentIn(given);
  try {
    return renderStored(content, {
      host: { id: host.id, labels: host.labels ?? {} },
      criticalProcesses,
    });
  } catch (error) {
    if (error instanceof PipelineError) throw invalidContent(content, error.findings);
    throw error;
  }
}
