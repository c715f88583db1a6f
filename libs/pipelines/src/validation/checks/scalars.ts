import type { Field } from '../catalogue/catalogue.js';
import type { Component, Model } from '../model/model.js';
import { below, type Place } from '../problem.js';
import type { Entry, MapValue, ScalarValue, Value } from '../read/tree.js';

/** A single value and the key under which it stands; of a list's items the key of the list. */
export type Spot = {
  readonly key: string;
  readonly place: Place;
  readonly scalar: ScalarValue;
  /** What the catalogue knows of the place. */
  readonly field: Field | undefined;
  /** The key is not the component's but its user's, as the name of a header is. */
  readonly isOwnKey: boolean;
};

/** Every single value of the configuration. */
export function scalarsOf({ root }: Model): readonly Spot[] {
  return spotsIn(root, { path: '', offset: 0 });
}

/** Every single value of a component, with its field. */
export function scalarsOfComponent({ value, place, schema }: Component): readonly Spot[] {
  return spotsIn(value, place, schema?.config);
}

export function spotsIn(value: Value, place: Place, field?: Field): readonly Spot[] {
  const found: Spot[] = [];
  visit(value, { place, key: '', field, isOwnKey: false }, (spot) => found.push(spot));
  return found;
}

/** Every map of a value with the path that leads to it, the value itself first. */
export function mapsIn(
  value: Value,
  place: Place,
): readonly { readonly map: MapValue; readonly place: Place }[] {
  if (value.kind === 'scalar') return [];
  if (value.kind === 'list')
    return value.items.flatMap((item, at) => mapsIn(item, below(place, at, item.offset)));
  const inner = value.entries.flatMap((entry) => mapsIn(entry.value, below(place, entry.key, entry.offset)));
  return [{ map: value, place }, ...inner];
}

type Here = Omit<Spot, 'scalar'>;

function visit(value: Value, here: Here, take: (spot: Spot) => void): void {
  const { place, field } = here;
  if (value.kind === 'scalar') take({ ...here, place: { ...place, offset: value.offset }, scalar: value });
  else if (value.kind === 'list')
    value.items.forEach((item, at) =>
      visit(item, { ...here, place: below(place, at, item.offset), field: field?.item }, take),
    );
  else for (const entry of value.entries) visit(entry.value, inEntry(entry, here), take);
}

function inEntry({ key, offset }: Entry, { place, field }: Here): Here {
  const fields = field?.fields ?? {};
  const known = Object.hasOwn(fields, key) ? fields[key] : undefined;
  return {
    key,
    place: below(place, key, offset),
    field: known ?? field?.item,
    isOwnKey: field?.type === 'map',
  };
}
