import type { Check } from '../check.js';
import type { Component } from '../model/model.js';
import { imbalance } from '../ottl/balance.js';
import { filterGroups, statementConditionsOf, statementsOf, type OttlText } from '../ottl/texts.js';
import { problem, type Problem } from '../problem.js';

/** Finds conditions and statements that break off. What else they say is left to the collector. */
export const ottlSyntax: Check = ({ components }) => components.flatMap(textsIn).flatMap(objection);

function textsIn(component: Component): readonly OttlText[] {
  return [
    ...filterGroups(component).flatMap(({ conditions }) => conditions),
    ...statementConditionsOf(component),
    ...statementsOf(component),
  ];
}

function objection({ place, text }: OttlText): readonly Problem[] {
  const found = imbalance(text);
  if (found === undefined) return [];
  return [problem('ottl-syntax', place, `The expression has ${found}.`, 'Complete it.')];
}
