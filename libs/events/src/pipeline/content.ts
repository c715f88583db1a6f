import { z } from 'zod';

/** The largest collector configuration that can be imported, in bytes of UTF-8: half of what EVENTS takes. */
export const MAX_YAML_BYTES = 256 * 1024;

/** A built-in template with its parameters. */
export const templateContentSchema = z.object({
  template: z.string(),
  parameters: z.record(z.string(), z.unknown()),
});

/** A typed specification. Its shape is the business of `libs/pipelines`, which reads every one that it ever took. */
export const specContentSchema = z.object({ spec: z.record(z.string(), z.unknown()) });

/**
 * A host's own collector configuration, as it was. The log holds the text and not its hash alone, because it is the
 * truth and views must follow from it; secrets in clear are refused before.
 */
export const yamlContentSchema = z.object({ yaml: z.string().min(1).max(MAX_YAML_BYTES) });

/** What one version of a pipeline says. The kinds differ in their fields, so that what was stored first still reads. */
export const pipelineContentSchema = z.union([templateContentSchema, specContentSchema, yamlContentSchema]);

export type TemplateContent = Readonly<z.output<typeof templateContentSchema>>;
export type SpecContent = Readonly<z.output<typeof specContentSchema>>;
export type YamlContent = Readonly<z.output<typeof yamlContentSchema>>;
export type PipelineContent = TemplateContent | SpecContent | YamlContent;

export const contentKinds = ['template', 'spec', 'yaml'] as const;
export type ContentKind = (typeof contentKinds)[number];

/** Which of the three a content is. */
export function contentKindOf(content: PipelineContent): ContentKind {
  if ('template' in content) return 'template';
  return 'spec' in content ? 'spec' : 'yaml';
}

/** The content among other fields, and nothing else. */
export function contentOf(data: PipelineContent): PipelineContent {
  if ('template' in data) return { template: data.template, parameters: data.parameters };
  return 'spec' in data ? { spec: data.spec } : { yaml: data.yaml };
}
