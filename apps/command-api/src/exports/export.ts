import {
  exportPipeline,
  hasHostVariables,
  instantiateTemplate,
  isTemplateId,
  PipelineError,
  pipelineSpecSchema,
  validateParameters,
  validateSpec,
  type PipelineExport,
  type PipelineSpec,
} from '#lib/pipelines';
import { invalidParameters, refusal } from '../shared/http/edge-error.js';
import type { ExportPipelineDto } from './export.dto.js';

/** @throws ProblemError `invalid-parameters` with all findings */
export function exported(body: ExportPipelineDto): PipelineExport {
  const { criticalProcesses, destination, format, placement } = body;
  try {
    return exportPipeline({
      spec: specOf(body),
      format,
      ...(destination && { destination }),
      ...(placement && { placement }),
      ...(criticalProcesses && { criticalProcesses }),
    });
  } catch (error) {
    if (error instanceof PipelineError) throw invalidParameters(error.findings);
    throw error;
  }
}

function specOf({ parameters, spec, template }: ExportPipelineDto): PipelineSpec {
  if ((spec === undefined) === (template === undefined))
    throw refusal('invalid-parameters', 'Give either a template or a specification.');
  if (template !== undefined) return ofTemplate(template, parameters ?? {});
  if (parameters !== undefined)
    throw refusal('invalid-parameters', 'A specification takes no parameters.', 'Leave them out.');
  if (hasHostVariables(spec))
    throw refusal('pipeline-not-runnable', 'An export is one for all nodes and takes no host variables.');
  const parsed = pipelineSpecSchema.safeParse(spec);
  if (!parsed.success) throw invalidParameters(validateSpec(spec));
  return parsed.data;
}

function ofTemplate(template: string, parameters: Record<string, unknown>): PipelineSpec {
  const findings = validateParameters(template, parameters);
  if (findings.length > 0 || !isTemplateId(template)) throw invalidParameters(findings);
  return instantiateTemplate(template, parameters);
}
