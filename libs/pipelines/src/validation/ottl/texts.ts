import type { Component } from '../model/model.js';
import { below, type Place } from '../problem.js';
import { entriesOf, entryOf, textOf, type Value } from '../read/tree.js';
import { expanded } from '../checks/expand.js';

/** A condition or statement as it is written, with `$$` undone. `context` is empty where paths carry it. */
export type OttlText = { readonly text: string; readonly context: string; readonly place: Place };

/** Conditions of which one is enough to drop something. */
export type FilterGroup = {
  readonly signal: string;
  readonly context: string;
  readonly conditions: readonly OttlText[];
};

/** The groups of conditions of a filter processor, in each of its three spellings. */
export function filterGroups({ type, value, place }: Component): readonly FilterGroup[] {
  if (type !== 'filter') return [];
  return entriesOf(value).flatMap(({ key, offset, value: inner }) => {
    const here = below(place, key, offset);
    const signal = /^(metric|log|trace|profile)_conditions$/.exec(key)?.[1];
    if (signal !== undefined)
      return groupsOfList(inner, here, 'conditions').map((one) => ({ signal, ...one }));
    if (!['metrics', 'logs', 'traces'].includes(key)) return [];
    return groupsByContext(inner, here).map((one) => ({ signal: key.slice(0, -1), ...one }));
  });
}

/** The statements of a transform processor. */
export function statementsOf({ type, value, place }: Component): readonly OttlText[] {
  if (type !== 'transform') return [];
  return listsOf(value, place, 'statements').flatMap(({ conditions }) => conditions);
}

/** The conditions that guard the statements of a transform processor. */
export function statementConditionsOf({ type, value, place }: Component): readonly OttlText[] {
  if (type !== 'transform') return [];
  return entriesOf(value)
    .flatMap(({ key, offset, value: inner }) =>
      key.endsWith('_statements') ? structuredGroups(inner, below(place, key, offset), 'conditions') : [],
    )
    .flatMap(({ conditions }) => conditions);
}

type Group = Omit<FilterGroup, 'signal'>;

function listsOf(value: Value, place: Place, field: string): readonly Group[] {
  return entriesOf(value).flatMap(({ key, offset, value: inner }) =>
    key.endsWith(`_${field}`) ? groupsOfList(inner, below(place, key, offset), field) : [],
  );
}

/** A list of texts is one group; a list of maps holds a group in each. */
function groupsOfList(value: Value, place: Place, field: string): readonly Group[] {
  const flat = textsOf(value, place, '');
  if (flat.length > 0) return [{ context: '', conditions: flat }];
  return structuredGroups(value, place, field);
}

function structuredGroups(value: Value, place: Place, field: string): readonly Group[] {
  if (value.kind !== 'list') return [];
  return value.items.flatMap((item, at) => {
    const entry = entryOf(item, field);
    if (entry === undefined) return [];
    const context = textOf(entryOf(item, 'context')?.value) ?? '';
    const here = below(below(place, at, item.offset), field, entry.offset);
    return [{ context, conditions: textsOf(entry.value, here, context) }];
  });
}

function groupsByContext(value: Value, place: Place): readonly Group[] {
  return entriesOf(value)
    .filter(({ key }) => CONTEXTS.has(key))
    .map(({ key, offset, value: inner }) => {
      const context = key === 'log_record' ? 'log' : key;
      return { context, conditions: textsOf(inner, below(place, key, offset), context) };
    });
}

const CONTEXTS = new Set(['resource', 'metric', 'datapoint', 'log_record', 'span', 'spanevent']);

function textsOf(value: Value, place: Place, context: string): readonly OttlText[] {
  if (value.kind !== 'list') return [];
  return value.items.flatMap((item, at) => {
    const text = expanded(textOf(item) ?? '');
    if (text === undefined || text === '') return [];
    return [{ text, context, place: below(place, at, item.offset) }];
  });
}
