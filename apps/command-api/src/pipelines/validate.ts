import { contentKindOf } from '#lib/events';
import type { Validation } from '../shared/views/pipeline.view.js';
import type { YamlUse } from '../shared/imports/yaml-findings.js';
import { shown } from '../shared/imports/shown.js';
import { contentIn, findingsOf } from './content.js';
import type { ValidatePipelineDto } from './pipeline.dto.js';

/** Everything that can be said about a content. @throws ProblemError only where it is not clear what was given */
export function validate(
  { as, ...given }: ValidatePipelineDto,
  { components, sample }: Omit<YamlUse, 'role'> = {},
): Validation {
  const content = contentIn(given);
  const findings = findingsOf(content, { components, role: as, sample }).map(shown);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return { valid: errors === 0, kind: contentKindOf(content), errors, warnings, findings };
}
