import { PipelineError, renderPipeline, storedSource, type RenderedPipeline } from '#lib/pipelines';
import { invalidContent, refusal } from '../shared/http/edge-error.js';
import { contentIn } from './content.js';
import type { RenderPipelineDto } from './pipeline.dto.js';

/** @throws ProblemError `invalid-parameters` or `invalid-specification` with all findings, `pipeline-not-runnable` */
export function render({ host, criticalProcesses = [], ...given }: RenderPipelineDto): RenderedPipeline {
  const content = contentIn(given);
  if ('yaml' in content)
    throw refusal(
      'pipeline-not-runnable',
      'YAML is what pipelines are rendered to.',
      'Give template or spec.',
    );
  try {
    return renderPipeline({
      ...storedSource(content),
      host: { id: host.id, labels: host.labels ?? {} },
      criticalProcesses,
    });
  } catch (error) {
    if (error instanceof PipelineError) throw invalidContent(content, error.findings);
    throw error;
  }
}
