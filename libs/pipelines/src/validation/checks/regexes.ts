import type { Check } from '../check.js';
import type { Component } from '../model/model.js';
import { parseCondition, parseStatement } from '../ottl/parse.js';
import { compileRegex, regexCost } from '../ottl/regex.js';
import type { Condition, Operand } from '../ottl/syntax.js';
import { filterGroups, statementConditionsOf, statementsOf } from '../ottl/texts.js';
import { below, problem, type Place, type Problem } from '../problem.js';
import { entryOf, itemsOf, textOf, type MapValue, type Value } from '../read/tree.js';
import { expanded } from './expand.js';
import { mapsIn } from './scalars.js';

type Pattern = { readonly text: string; readonly place: Place };

/** Every pattern compiles in the engine that the collector uses. */
export const regexes: Check = ({ components }) =>
  components
    .flatMap((component) => [...inFields(component), ...inExpressions(component)])
    .filter(withinBudget())
    .flatMap(({ text, place }) => objection(text, place));

/** All patterns together cost no more than this; what comes later is left to the collector. */
const MAX_TOTAL_COST = 50_000;

function withinBudget(): (pattern: Pattern) => boolean {
  let cost = 0;
  return ({ text }) => (cost += regexCost(text)) <= MAX_TOTAL_COST;
}

function objection(text: string, place: Place): readonly Problem[] {
  const result = compileRegex(text);
  if (typeof result !== 'string') return [];
  const message = `The pattern has ${result} that RE2, the engine of the collector, does not compile.`;
  return [
    problem('regex-invalid', place, message, 'Write it without; match_type strict needs no pattern at all.'),
  ];
}

function inFields({ value, place }: Component): readonly Pattern[] {
  return mapsIn(value, place).flatMap(({ map, place: here }) => [
    ...matched(map, here),
    ...single(map, here),
  ]);
}

/** With `match_type: regexp` every list beside it holds patterns. */
function matched(map: MapValue, place: Place): readonly Pattern[] {
  if (textOf(entryOf(map, 'match_type')?.value) !== 'regexp') return [];
  return map.entries.flatMap(({ key, offset, value }) =>
    itemsOf(value).flatMap((item, at) =>
      pattern(
        textOf(item) === undefined ? entryOf(item, 'value')?.value : item,
        below(below(place, key, offset), at, item.offset),
      ),
    ),
  );
}

function single(map: MapValue, place: Place): readonly Pattern[] {
  return map.entries
    .filter(({ key }) => key === 'regexp' || (key === 'pattern' && entryOf(map, 'action') !== undefined))
    .flatMap(({ key, value }) => pattern(value, below(place, key, value.offset)));
}

function pattern(value: Value | undefined, place: Place): readonly Pattern[] {
  const written = textOf(value);
  const text = written === undefined ? undefined : expanded(written);
  return text === undefined ? [] : [{ text, place: { ...place, offset: value?.offset ?? place.offset } }];
}

function inExpressions(component: Component): readonly Pattern[] {
  const conditions = [
    ...filterGroups(component).flatMap((one) => one.conditions),
    ...statementConditionsOf(component),
  ];
  return [
    ...conditions.flatMap(({ text, place }) => patternsOf(parseCondition(text), place)),
    ...statementsOf(component).flatMap(({ text, place }) => {
      const statement = parseStatement(text);
      if (statement === undefined) return [];
      const call: Operand = { type: 'call', name: statement.name, args: statement.args };
      return [...inOperand(call, place), ...patternsOf(statement.where, place)];
    }),
  ];
}

function patternsOf(condition: Condition | undefined, place: Place): readonly Pattern[] {
  switch (condition?.type) {
    case undefined:
    case 'constant':
      return [];
    case 'any':
    case 'all':
      return condition.parts.flatMap((part) => patternsOf(part, place));
    case 'not':
      return patternsOf(condition.part, place);
    case 'test':
      return inOperand(condition.operand, place);
    case 'compare':
      return [...inOperand(condition.left, place), ...inOperand(condition.right, place)];
  }
}

/** Which argument of a function is a pattern. */
const POSITIONS: Readonly<Record<string, number>> = {
  IsMatch: 1,
  ExtractPatterns: 1,
  replace_pattern: 1,
  replace_all_patterns: 2,
  delete_matching_keys: 1,
  keep_matching_keys: 1,
};

function inOperand(operand: Operand, place: Place): readonly Pattern[] {
  if (operand.type !== 'call') return [];
  const inner = operand.args.flatMap((one) => inOperand(one, place));
  const position = Object.hasOwn(POSITIONS, operand.name) ? POSITIONS[operand.name] : undefined;
  const argument = position === undefined ? undefined : operand.args[position];
  if (argument?.type !== 'literal' || typeof argument.value !== 'string') return inner;
  return [...inner, { text: argument.value, place }];
}
