import { componentKinds, type Catalogue, type ComponentKind } from '../catalogue/catalogue.js';
import { below, type Place } from '../problem.js';
import {
  entriesOf,
  entryOf,
  itemsOf,
  textOf,
  valueAt,
  type Entry,
  type MapValue,
  type Value,
} from '../read/tree.js';
import type { Component, Model, Pipeline, PipelineRole, Reference } from './model.js';

const MAX_ID = 1100;
const top: Place = { path: '', offset: 0 };

/** Sorts what was read into components and pipelines. What has not the expected shape is left to the rules on types. */
export function readModel(root: MapValue, catalogue: Catalogue): Model {
  const components = componentKinds.flatMap((kind) => componentsOf(root, kind, catalogue));
  const byKey = new Map(components.map((component) => [`${component.kind} ${component.id}`, component]));
  const service = entryOf(root, 'service');
  const pipelines = entriesOf(valueAt(service?.value, 'pipelines')).map(pipelineOf);
  const extensions = references(entryOf(service?.value, 'extensions'), 'service.extensions');
  const named = (role: PipelineRole): ReadonlySet<string> =>
    new Set(pipelines.flatMap((pipeline) => pipeline[role].map(({ id }) => id)));
  return {
    root,
    service: service?.value.kind === 'map' ? service.value : undefined,
    components,
    pipelines,
    extensions,
    used: {
      receivers: named('receivers'),
      processors: named('processors'),
      exporters: named('exporters'),
      extensions: new Set(extensions.map(({ id }) => id)),
    },
    catalogue,
    find: (role, id) =>
      byKey.get(`${role} ${id}`) ??
      (role === 'receivers' || role === 'exporters' ? byKey.get(`connectors ${id}`) : undefined),
  };
}

function componentsOf(root: MapValue, kind: ComponentKind, catalogue: Catalogue): readonly Component[] {
  const section = entryOf(root, kind);
  return entriesOf(section?.value).map(({ key, offset, value }) => {
    const { type, name } = parsedId(key);
    const schemas = catalogue[kind];
    return {
      kind,
      id: key,
      type,
      name,
      place: below(below(top, kind, 0), key, offset),
      value,
      schema: Object.hasOwn(schemas, type) ? schemas[type] : undefined,
    };
  });
}

/** `filter/noise` is a component of type `filter`; what is no id has no type. */
function parsedId(id: string): { readonly type: string; readonly name: string } {
  if (id.length > MAX_ID) return { type: '', name: '' };
  const match = /^\s*([A-Za-z]\w{0,62})\s*(?:\/\s*(\S(?:[^/]{0,1023})?)\s*)?$/.exec(id);
  return { type: match?.[1] ?? '', name: match?.[2] ?? '' };
}

function pipelineOf({ key, offset, value }: Entry): Pipeline {
  const place = { path: `service.pipelines.${key}`, offset };
  const role = (name: string): readonly Reference[] =>
    references(entryOf(value, name), `${place.path}.${name}`);
  return {
    id: key,
    signal: key.split('/')[0] ?? '',
    place,
    receivers: role('receivers'),
    processors: role('processors'),
    exporters: role('exporters'),
  };
}

function references(entry: Entry | undefined, path: string): readonly Reference[] {
  const items = entry === undefined ? [] : listed(entry.value);
  return items.flatMap((item, at) => {
    const id = textOf(item);
    return id === undefined ? [] : [{ id: id.trim(), place: { path: `${path}.${at}`, offset: item.offset } }];
  });
}

/** One word instead of a list is an error of its type; what is meant is plain. */
function listed(value: Value): readonly Value[] {
  return value.kind === 'scalar' ? [value] : itemsOf(value);
}
