import type { ParameterDefinition, ParameterInput } from '../templates/parameters.js';

/** Every parameter at the lowest value that it may have. */
export function lowest(definitions: readonly ParameterDefinition[]): ParameterInput {
  return valuesOf(definitions, (definition) => {
    if (definition.type === 'integer') return definition.min;
    return definition.type === 'choice' ? definition.choices[0] : [];
  });
}

/** Every parameter at the highest value that it may have, lists at their full length. */
export function highest(definitions: readonly ParameterDefinition[]): ParameterInput {
  return valuesOf(definitions, (definition) => {
    if (definition.type === 'integer') return definition.max;
    if (definition.type === 'choice') return definition.choices.at(-1);
    return Array.from({ length: definition.maxItems }, (_, index) => `service-${index}`);
  });
}

function valuesOf(
  definitions: readonly ParameterDefinition[],
  value: (definition: ParameterDefinition) => unknown,
): ParameterInput {
  return Object.fromEntries(definitions.map((definition) => [definition.name, value(definition)]));
}
