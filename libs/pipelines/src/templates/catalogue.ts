import { errorFinding, PipelineError, type Finding } from '../findings.js';
import type { PipelineSpec } from '../spec/pipeline-spec.js';
import { adaptiveTemplate, dynamicTemplate } from './adaptive.js';
import { aggregatedTemplate } from './aggregated.js';
import { aggressiveTemplate } from './aggressive.js';
import { baselineTemplate } from './baseline.js';
import { hybridTemplate } from './hybrid.js';
import { minimalTemplate } from './minimal.js';
import {
  parameterFindings,
  parameterValues,
  type ParameterDefinition,
  type ParameterInput,
} from './parameters.js';
import { priorityFilterTemplate } from './priority-filter.js';
import type { Template, TemplateId } from './template.js';
import { topkTemplate } from './topk.js';

/** A template as people see it: everything but the code that builds it. */
export type TemplateDescription = Omit<Template, 'build'>;

type Entry = TemplateDescription & { readonly instantiate: (input: ParameterInput) => PipelineSpec };

const entries: Readonly<Record<TemplateId, Entry>> = {
  baseline: entry(baselineTemplate),
  topk: entry(topkTemplate),
  aggregated: entry(aggregatedTemplate),
  hybrid: entry(hybridTemplate),
  adaptive: entry(adaptiveTemplate),
  dynamic: entry(dynamicTemplate),
  'priority-filter': entry(priorityFilterTemplate),
  minimal: entry(minimalTemplate),
  aggressive: entry(aggressiveTemplate),
};

export const templateIds = Object.keys(entries) as readonly TemplateId[];

export const templates: readonly TemplateDescription[] = templateIds.map((id) => entries[id]);

export function isTemplateId(id: string): id is TemplateId {
  return Object.hasOwn(entries, id);
}

/** All findings of a template's name and parameters; an empty list means that it can be rendered. */
export function validateParameters(template: string, input: ParameterInput): readonly Finding[] {
  if (isTemplateId(template)) return parameterFindings(entries[template].parameters, input);
  const fix = `Use one of: ${templateIds.join(', ')}.`;
  return [
    errorFinding('unknown-template', 'template', `there is no template ${JSON.stringify(template)}`, fix),
  ];
}

/**
 * The specification that a template gives with these parameters.
 * @throws PipelineError `invalid-parameters`
 */
export function instantiateTemplate(template: TemplateId, input: ParameterInput): PipelineSpec {
  const findings = validateParameters(template, input);
  if (findings.length > 0) throw new PipelineError('invalid-parameters', findings);
  return entries[template].instantiate(input);
}

// Binds a template's values to its own build function while their types are still known.
function entry<const Ds extends readonly ParameterDefinition[]>({
  build,
  ...description
}: Template<Ds>): Entry {
  return {
    ...description,
    instantiate: (input) => build(parameterValues<Ds>(description.parameters, input)),
  };
}
