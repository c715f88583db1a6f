import type { Check } from '../check.js';
import { isUsed, type Component } from '../model/model.js';
import { matchOf } from '../ottl/match.js';
import { normalized } from '../ottl/normal.js';
import { parseCondition } from '../ottl/parse.js';
import { regexMatches } from '../ottl/regex.js';
import type { Condition, Operand, Operator } from '../ottl/syntax.js';
import { alwaysTrue } from '../ottl/tautology.js';
import { filterGroups } from '../ottl/texts.js';
import { below, problem, type Problem } from '../problem.js';
import { entryOf, itemsOf, textOf, valueAt, type Value } from '../read/tree.js';

/** Filters drop what they match. Finds those that drop everything, and those named after the opposite. */
export const filterSense: Check = (model) =>
  model.components
    .filter((component) => component.kind === 'processors' && component.type === 'filter')
    .flatMap((component) => [
      ...tautologies(component),
      ...oldTautologies(component),
      ...(isUsed(model, component) ? misnamed(component) : []),
    ]);

function tautologies(component: Component): readonly Problem[] {
  return filterGroups(component).flatMap(({ conditions }) => {
    const parsed = conditions.flatMap(({ text, place }) => {
      const condition = parseCondition(text);
      return condition === undefined ? [] : disjuncts(normalized(condition)).map((part) => ({ part, place }));
    });
    const at = alwaysTrue(parsed.map(({ part }) => part));
    const guilty = at === undefined ? undefined : parsed[at];
    return guilty === undefined ? [] : [dropsAll(guilty.place)];
  });
}

function dropsAll(place: Problem['place']): Problem {
  const message =
    'A filter drops what one of its conditions matches, and one of these always does: everything is dropped.';
  const fix = 'To keep a list and drop the rest, join its inequalities by and, or write not (a or b).';
  return problem('filter-drops-everything', place, message, fix);
}

function disjuncts(condition: Condition): readonly Condition[] {
  return condition.type === 'any' ? condition.parts : [condition];
}

/** The old spelling with include and exclude: exclude everything, or all that is included. */
function oldTautologies({ value, place }: Component): readonly Problem[] {
  const metrics = valueAt(value, 'metrics');
  const exclude = entryOf(metrics, 'exclude');
  if (exclude === undefined) return [];
  const names = namesOf(exclude.value);
  const isRegex = textOf(valueAt(exclude.value, 'match_type')) === 'regexp';
  const included = namesOf(valueAt(metrics, 'include'));
  const all = isRegex ? names.some(matchesAll) : false;
  const same = included.length > 0 && included.every((name) => names.includes(name)) && sameType(metrics);
  return all || same ? [dropsAll(below(below(place, 'metrics', 0), 'exclude', exclude.offset))] : [];
}

function sameType(metrics: Value | undefined): boolean {
  return (
    textOf(valueAt(metrics, 'include', 'match_type')) === textOf(valueAt(metrics, 'exclude', 'match_type'))
  );
}

function namesOf(value: Value | undefined): readonly string[] {
  return itemsOf(valueAt(value, 'metric_names')).flatMap((item) => textOf(item) ?? []);
}

/** A pattern that matches these matches every name. Patterns that do are short. */
function matchesAll(pattern: string): boolean {
  if (pattern.length > 20) return false;
  return ['a', 'Z9.x', 'system.cpu.time', 'é_-/'].every((name) => regexMatches(pattern, name) === true);
}

const keeping =
  /(?:^|[^a-z])(?:keep|only|allow|allowlist|whitelist|important|critical|essential)(?:$|[^a-z])/i;
const dropping = /(?:^|[^a-z])(?:drop|exclude|remove|discard|deny|denylist|blacklist)(?:$|[^a-z])/i;

function misnamed(component: Component): readonly Problem[] {
  const { name, place } = component;
  const keeps = keeping.test(name);
  if (keeps === dropping.test(name)) return [];
  const senses = sensesOf(component);
  if (senses.length === 0 || senses.includes('mixed')) return [];
  const wrong = keeps ? 'picks' : 'spares';
  if (!senses.every((sense) => sense === wrong)) return [];
  const message = keeps
    ? 'The name says keep, and the filter drops exactly what its conditions name.'
    : 'The name says drop, and the filter drops everything but what its conditions name.';
  return [
    problem(
      'keep-list-as-drop-list',
      place,
      message,
      'Turn the conditions round with not (…), or rename it.',
    ),
  ];
}

type Sense = 'picks' | 'spares' | 'mixed';

function sensesOf(component: Component): readonly Sense[] {
  const conditions = filterGroups(component).flatMap((group) => group.conditions);
  return conditions.map(({ text }) => {
    const condition = parseCondition(text);
    return condition === undefined ? 'mixed' : senseOf(normalized(condition));
  });
}

/** Whether a condition names what it drops or what it spares. */
function senseOf(condition: Condition): Sense {
  switch (condition.type) {
    case 'compare':
      return namesText(condition.right) ? (SENSES[condition.operator] ?? 'mixed') : 'mixed';
    case 'test':
    case 'not':
      return matchSense(condition);
    case 'constant':
      return 'mixed';
    case 'any':
    case 'all':
      return agreed(condition.parts.map(senseOf));
  }
}

function matchSense(condition: Condition): Sense {
  if (isMatch(condition)) return 'picks';
  return condition.type === 'not' && isMatch(condition.part) ? 'spares' : 'mixed';
}

const SENSES: Partial<Readonly<Record<Operator, Sense>>> = { '==': 'picks', '!=': 'spares' };

function namesText(operand: Operand): boolean {
  return operand.type === 'literal' && typeof operand.value === 'string';
}

function agreed(senses: readonly Sense[]): Sense {
  const [first = 'mixed'] = senses;
  return senses.every((sense) => sense === first) ? first : 'mixed';
}

function isMatch(condition: Condition): boolean {
  return condition.type === 'test' && matchOf(condition.operand) !== undefined;
}
