import { MAX_YAML_BYTES, type PipelineContent } from '#lib/events';
import type { Catalogue } from '#lib/collector-validation';
import { pipelineSpecSchema, specFindings, validateParameters, type Finding } from '#lib/pipelines';
import { invalidContent, refusal } from '../shared/http/edge-error.js';
import { yamlFindings, type YamlUse } from '../shared/imports/yaml-findings.js';
import type { PipelineContentDto } from './pipeline.dto.js';

/** Of parameters or a specification, as JSON. A task for a host has to carry what they are rendered to. */
const MAX_TYPED_BYTES = 64 * 1024;
/** Of YAML as JSON, which escapes: with its envelope it fits a message of EVENTS and of PUBLIC. */
const MAX_ENCODED_BYTES = 400 * 1024;

/** What a body gives, and for whose collector. */
export type Given = Pick<PipelineContentDto, 'template' | 'parameters' | 'spec' | 'yaml' | 'forHost'>;

/** The content that a body means, unchecked. @throws ProblemError `invalid-content`, `content-too-large` */
export function contentIn({ template, parameters, spec, yaml }: Given): PipelineContent {
  const given = [template, spec, yaml].filter((part) => part !== undefined);
  if (given.length !== 1 || (parameters !== undefined && template === undefined))
    throw refusal(
      'invalid-content',
      'A pipeline is one of three: a template with parameters, a specification or YAML.',
      'Give template (and parameters), spec or yaml, and none of the others.',
    );
  if (template !== undefined) return small({ template, parameters: parameters ?? {} });
  return spec !== undefined ? small({ spec }) : { yaml: yaml ?? '' };
}

/** Content that may be stored. @throws ProblemError with every error that the content has */
export function checkedContent(given: Given, components?: Catalogue): PipelineContent {
  const content = contentIn(given);
  if ('yaml' in content) requireStorableSize(content.yaml);
  const errors = findingsOf(content, { components }).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw invalidContent(content, errors);
  return 'spec' in content ? { spec: inOrder(content.spec) } : content;
}

/** With the keys in the order of the schema, where its texts do not have to be put in first. */
function inOrder(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const parsed = pipelineSpecSchema.safeParse(spec);
  return parsed.success ? parsed.data : spec;
}

/** Everything that can be said about a content, errors and warnings; a template runs on any collector. */
export function findingsOf(content: PipelineContent, use?: YamlUse): readonly Finding[] {
  if ('template' in content) return validateParameters(content.template, content.parameters);
  const findings =
    'spec' in content ? specFindings(content.spec, use?.components) : yamlFindings(content.yaml, use);
  return [...findings, ...unstorable(content)];
}

/** What PostgreSQL cannot keep in text; parameters have rules of their own that leave no room for it. */
function unstorable(content: PipelineContent): readonly Finding[] {
  // The validator of YAML has its own word for NUL.
  if ('yaml' in content) return content.yaml.isWellFormed() ? [] : [broken('input-encoding')];
  // JSON escapes both, and nothing else in this way.
  const text = JSON.stringify(content).replaceAll('\\\\', '');
  return /\\u(0000|d[89a-f])/.test(text) ? [broken('schema')] : [];
}

function broken(rule: 'input-encoding' | 'schema'): Finding {
  const message = 'It holds a NUL or half of a surrogate pair.';
  return { rule, severity: 'error', path: '', message, fix: 'Remove it.' };
}

function small<Content extends PipelineContent>(content: Content): Content {
  if (Buffer.byteLength(JSON.stringify(content)) > MAX_TYPED_BYTES) throw tooLarge('64 KiB');
  return content;
}

function requireStorableSize(yaml: string): void {
  if (Buffer.byteLength(yaml) > MAX_YAML_BYTES) throw tooLarge('256 KiB');
  if (Buffer.byteLength(JSON.stringify(yaml)) > MAX_ENCODED_BYTES)
    throw tooLarge('400 KiB once it is escaped as JSON');
}

function tooLarge(most: string): Error {
  return refusal('content-too-large', `The content is larger than ${most}.`, 'Make it smaller.');
}
