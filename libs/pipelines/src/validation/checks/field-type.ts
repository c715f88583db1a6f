import type { Field, FieldType, YamlKind } from '../catalogue/catalogue.js';
import { problem, type Place, type Problem } from '../problem.js';
import type { ScalarValue, Value } from '../read/tree.js';
import { didYouMean } from '../../suggest.js';
import { isDuration } from './duration.js';
import { expandsPartly } from './expand.js';

/** The finding where a value is not of its field's type. */
export function typeProblem(field: Field, value: Value, place: Place): Problem | undefined {
  const kind = yamlKind(value);
  if (expandsPartly(value)) return undefined;
  const at = { ...place, offset: value.offset };
  if (!taken(field).includes(kind)) {
    const message = `The field takes ${NAMES[field.type]}, and this is ${KINDS[kind]}.`;
    return problem('field-type', at, message, hint(field.type, kind));
  }
  return value.kind === 'scalar' && typeof value.value === 'string'
    ? textProblem(field, value.text, at)
    : undefined;
}

/** The finding where a text is none that the field understands. */
function textProblem({ type, words }: Field, text: string, place: Place): Problem | undefined {
  if (type === 'duration' && !isDuration(text)) {
    const message = 'The field takes a duration, and this is none.';
    return problem('field-type', place, message, 'Write it like 500ms, 10s or 1h30m.');
  }
  if (words === undefined || text === '' || words.includes(text.toLowerCase())) return undefined;
  return problem('field-type', place, 'The field does not know this word.', () => didYouMean(text, words));
}

export function yamlKind(value: Value): YamlKind {
  if (value.kind !== 'scalar') return value.kind;
  if (value.value === null) return 'null';
  if (typeof value.value === 'boolean') return 'bool';
  if (typeof value.value === 'string') return 'string';
  return isWhole(value) ? 'int' : 'float';
}

function isWhole({ value, text }: ScalarValue): boolean {
  return typeof value === 'bigint' || (Number.isInteger(value) && /^[-+]?(?:0[xob]|[\d_]+$)/.test(text));
}

function taken({ type, also = [], not = [] }: Field): readonly YamlKind[] {
  // Nothing means the default, except where the collector says otherwise.
  return ['null' as const, ...SUGGESTED[type], ...also].filter((kind) => !not.includes(kind));
}

function hint(type: FieldType, kind: YamlKind): string {
  if (type === 'string' && kind !== 'list' && kind !== 'map') return 'Put it in quotes.';
  if (type === 'bool') return 'Write true or false, without quotes.';
  if (type === 'list') return 'Begin each item with a dash.';
  if (type === 'int' || type === 'float') return 'Write a number, without quotes.';
  if (type === 'duration') return 'Write it like 500ms, 10s or 1h30m.';
  return 'Correct the value or its indentation.';
}

const SUGGESTED: Readonly<Record<FieldType, readonly YamlKind[]>> = {
  bool: ['bool'],
  int: ['int'],
  float: ['int', 'float'],
  string: ['string'],
  duration: ['string'],
  list: ['list'],
  map: ['map'],
  object: ['map'],
  any: ['bool', 'int', 'float', 'string', 'list', 'map'],
};

const NAMES: Readonly<Record<FieldType, string>> = {
  bool: 'true or false',
  int: 'a whole number',
  float: 'a number',
  string: 'text',
  duration: 'a duration',
  list: 'a list',
  map: 'a map',
  object: 'a map',
  any: 'anything',
};

const KINDS: Readonly<Record<YamlKind, string>> = {
  null: 'nothing',
  bool: 'true or false',
  int: 'a whole number',
  float: 'a fraction',
  string: 'text',
  list: 'a list',
  map: 'a map',
};
