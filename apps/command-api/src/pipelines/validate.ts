import type { CollectorConfigOptions } from '#lib/collector-validation';
import { contentKindOf } from '#lib/events';
import type { Validation } from '../shared/views/pipeline.view.js';
import { contentIn, findingsOf } from './content.js';
import type { PipelineContentDto } from './pipeline.dto.js';

/** Everything that can be said about a content. @throws ProblemError only where it is not clear what was given */
export function validate(given: PipelineContentDto, options?: CollectorConfigOptions): Validation {
  const content = contentIn(given);
  const findings = findingsOf(content, options).map(({ position, ...finding }) => ({
    ...finding,
    line: position?.line ?? null,
    column: position?.column ?? null,
  }));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return { valid: errors === 0, kind: contentKindOf(content), errors, warnings, findings };
}
