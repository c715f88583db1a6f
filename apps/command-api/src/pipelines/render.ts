import { isTemplateId, renderPipeline, validateParameters, type RenderedPipeline } from '#lib/pipelines';
import { invalidParameters } from '../shared/http/edge-error.js';
import type { RenderPipelineDto } from './pipeline.dto.js';

/** @throws ProblemError `invalid-parameters` with all findings */
export function render({
  template,
  parameters = {},
  host,
  criticalProcesses = [],
}: RenderPipelineDto): RenderedPipeline {
  const findings = validateParameters(template, parameters);
  if (findings.length > 0 || !isTemplateId(template)) throw invalidParameters(findings);
  return renderPipeline({
    template,
    parameters,
    host: { id: host.id, labels: host.labels ?? {} },
    criticalProcesses,
  });
}
