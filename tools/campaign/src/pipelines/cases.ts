import { templates, type ParameterInput, type TemplateDescription, type TemplateId } from '#lib/pipelines';

export const ends = ['default', 'lowest', 'highest'] as const;
/** Where the parameters of a template stand: at their defaults, or all at one end of what they may be. */
export type End = (typeof ends)[number];

/** One template as it is tried. */
export interface Case {
  readonly template: TemplateId;
  readonly end: End;
  readonly parameters: ParameterInput;
}

/** Each template at each end, of all templates or of one. */
export function casesOf(only?: TemplateId): readonly Case[] {
  return templates
    .filter(({ id }) => only === undefined || id === only)
    .flatMap((template) =>
      ends.map((end) => ({ template: template.id, end, parameters: parametersAt(template, end) })),
    );
}

function parametersAt({ parameters }: Pick<TemplateDescription, 'parameters'>, end: End): ParameterInput {
  if (end === 'default') return {};
  return Object.fromEntries(parameters.map((definition) => [definition.name, valueAt(definition, end)]));
}

type Definition = TemplateDescription['parameters'][number];

function valueAt(definition: Definition, end: Exclude<End, 'default'>): unknown {
  switch (definition.type) {
    case 'integer':
      return end === 'lowest' ? definition.min : definition.max;
    case 'choice':
      return end === 'lowest' ? definition.choices[0] : definition.choices.at(-1);
    case 'names':
      return end === 'lowest'
        ? []
        : Array.from({ length: definition.maxItems }, (_, index) => `service-${index}`);
  }
}
