import { errorFinding, type Finding } from '../findings.js';
import { executableName } from '../spec/pipeline-spec.js';

type Described = { readonly name: string; readonly description: string };

export type IntegerParameter = Described & {
  readonly type: 'integer';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
};
export type ChoiceParameter = Described & {
  readonly type: 'choice';
  readonly default: string;
  readonly choices: readonly string[];
};
/** A list of executable names, without repetitions. */
export type NamesParameter = Described & {
  readonly type: 'names';
  readonly default: readonly string[];
  readonly maxItems: number;
};

/** What people may set on a template, with all that a form or an API page needs to show it. */
export type ParameterDefinition = IntegerParameter | ChoiceParameter | NamesParameter;

/** Values as they come from a person or an API; absent means the default. */
export type ParameterInput = Readonly<Record<string, unknown>>;

type ValueOf<D extends ParameterDefinition> = D extends { type: 'integer' }
  ? number
  : D extends { type: 'choice'; choices: readonly (infer C)[] }
    ? C
    : D extends { type: 'names' }
      ? readonly string[]
      : never;

/** The typed values of a list of definitions: `{ k: number, rankBy: 'cpu' | 'memory' }`. */
export type ParameterValues<Ds extends readonly ParameterDefinition[]> = {
  readonly [D in Ds[number] as D['name']]: ValueOf<D>;
};

/** All findings of an input against its definitions. */
export function parameterFindings(
  definitions: readonly ParameterDefinition[],
  input: ParameterInput,
): readonly Finding[] {
  const known = definitions.map(({ name }) => name);
  const unknown = Object.keys(input)
    .filter((name) => !known.includes(name))
    .map((name) =>
      errorFinding(
        'unknown-parameter',
        `parameters.${name}`,
        `${name} is not a parameter of this template`,
        `Use one of: ${known.join(', ')}.`,
      ),
    );
  const wrong = definitions.flatMap((definition) => {
    const value = input[definition.name];
    return value === undefined ? [] : valueFindings(definition, value);
  });
  return [...unknown, ...wrong];
}

/** The input with defaults filled in. Call it only on an input without findings. */
export function parameterValues<const Ds extends readonly ParameterDefinition[]>(
  definitions: Ds,
  input: ParameterInput,
): ParameterValues<Ds> {
  const entries = definitions.map((definition) => [
    definition.name,
    input[definition.name] ?? definition.default,
  ]);
  return Object.fromEntries(entries) as ParameterValues<Ds>;
}

function valueFindings(definition: ParameterDefinition, value: unknown): readonly Finding[] {
  switch (definition.type) {
    case 'integer':
      return integerFindings(definition, value);
    case 'choice':
      return choiceFindings(definition, value);
    case 'names':
      return namesFindings(definition, value);
  }
}

function integerFindings({ name, min, max, unit }: IntegerParameter, value: unknown): readonly Finding[] {
  const path = `parameters.${name}`;
  const fix = `Give a whole number from ${min} to ${max} (${unit}).`;
  if (!Number.isInteger(value))
    return [errorFinding('parameter-type', path, `${name} is not a whole number`, fix)];
  const inRange = (value as number) >= min && (value as number) <= max;
  return inRange ? [] : [errorFinding('parameter-range', path, `${name} is outside ${min} to ${max}`, fix)];
}

function choiceFindings({ name, choices }: ChoiceParameter, value: unknown): readonly Finding[] {
  if (typeof value === 'string' && choices.includes(value)) return [];
  const fix = `Use one of: ${choices.join(', ')}.`;
  return [errorFinding('parameter-type', `parameters.${name}`, `${name} is not one of its choices`, fix)];
}

function namesFindings({ name, maxItems }: NamesParameter, value: unknown): readonly Finding[] {
  const path = `parameters.${name}`;
  if (!Array.isArray(value))
    return [
      errorFinding('parameter-type', path, `${name} is not a list`, 'Give a list of executable names.'),
    ];
  const items = value as readonly unknown[];
  const tooMany =
    items.length > maxItems
      ? [
          errorFinding(
            'parameter-range',
            path,
            `${name} has more than ${maxItems} items`,
            'Shorten the list.',
          ),
        ]
      : [];
  const wrong = items.flatMap((item, index) =>
    executableName.safeParse(item).success
      ? []
      : [
          errorFinding(
            'parameter-type',
            `${path}.${index}`,
            'this is not an executable name',
            'Give 1 to 255 characters without control characters.',
          ),
        ],
  );
  return [...tooMany, ...wrong];
}
