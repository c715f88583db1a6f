import { componentKinds, type Field } from '../catalogue/catalogue.js';
import type { Check } from '../check.js';
import { below, type Place, type Problem } from '../problem.js';
import { entryOf, type MapValue, type Value } from '../read/tree.js';
import { didYouMean } from '../../suggest.js';
import { problem } from '../problem.js';
import { expandsWhole } from './expand.js';
import { typeProblem } from './field-type.js';

/** Every field exists and has a value of its type: of the components that are known, and of the service. */
export const fields: Check = (model) => [
  ...componentKinds.flatMap((kind) => sectionShape(model.root, kind)),
  ...model.components.flatMap(({ schema, value, place }) =>
    checkField(schema?.config ?? anyMap, value, place),
  ),
  ...serviceFields(model.root, model.catalogue.telemetry),
];

function sectionShape(root: MapValue, kind: string): readonly Problem[] {
  const section = entryOf(root, kind);
  if (section === undefined) return [];
  return checkField(anyMap, section.value, { path: kind, offset: section.offset });
}

function serviceFields(root: MapValue, telemetry: Field): readonly Problem[] {
  const service = entryOf(root, 'service');
  if (service === undefined) return [];
  const field: Field = { type: 'object', fields: { telemetry, extensions: words, pipelines } };
  return checkField(field, service.value, { path: 'service', offset: service.offset });
}

const anyMap: Field = { type: 'map' };
const words: Field = { type: 'list', item: { type: 'string' } };
const pipelines: Field = {
  type: 'map',
  item: { type: 'object', fields: { receivers: words, processors: words, exporters: words } },
};

function checkField(field: Field, value: Value, place: Place): readonly Problem[] {
  if (field.type === 'any' || expandsWhole(value)) return [];
  const wrong = typeProblem(field, value, place);
  if (wrong !== undefined) return [wrong];
  if (value.kind === 'list') return checkItems(field, value.items, place);
  return value.kind === 'map' ? checkEntries(field, value, place) : [];
}

function checkItems({ type, item }: Field, items: readonly Value[], place: Place): readonly Problem[] {
  // Where a map may also be written as a list, each item is a map: a name and a value.
  const each = type === 'map' ? anyMap : item;
  if (each === undefined) return [];
  return items.flatMap((one, at) => checkField(each, one, below(place, at, one.offset)));
}

function checkEntries(field: Field, { entries }: MapValue, place: Place): readonly Problem[] {
  return entries.flatMap(({ key, offset, value }) => {
    const here = below(place, key, offset);
    const known = knownField(field, key);
    if (known !== undefined) return checkField(known, value, here);
    return field.fields === undefined || field.open === true ? [] : [unknownField(field, key, here)];
  });
}

function knownField({ fields: known = {}, item, type }: Field, key: string): Field | undefined {
  if (Object.hasOwn(known, key)) return known[key];
  return type === 'map' ? item : undefined;
}

function unknownField({ fields: known = {}, silent }: Field, key: string, place: Place): Problem {
  const message =
    silent === true
      ? 'There is no such field; the collector ignores it without a word.'
      : 'There is no such field.';
  return problem('unknown-field', place, message, () => didYouMean(key, Object.keys(known)));
}
