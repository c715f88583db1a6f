import type { Condition } from './syntax.js';

type Comparison = Extract<Condition, { readonly type: 'compare' }>;
type Group = Extract<Condition, { readonly type: 'any' | 'all' }>;

/** The same condition with `not` only in front of tests, and nothing nested in its own kind. */
export function normalized(condition: Condition, negate = false): Condition {
  switch (condition.type) {
    case 'not':
      return normalized(condition.part, !negate);
    case 'constant':
      return { type: 'constant', value: condition.value !== negate };
    case 'compare':
      return negate ? opposite(condition) : condition;
    case 'test':
      return negate ? { type: 'not', part: condition } : condition;
    case 'any':
    case 'all':
      return grouped(condition, negate);
  }
}

/** Of things that cannot be ordered `<` and `>=` are both false, so only equality has an opposite. */
function opposite(condition: Comparison): Condition {
  if (condition.operator === '==') return { ...condition, operator: '!=' };
  return condition.operator === '!=' ? { ...condition, operator: '==' } : { type: 'not', part: condition };
}

function grouped({ type, parts }: Group, negate: boolean): Condition {
  const turned = (type === 'any') !== negate ? 'any' : 'all';
  const inner = parts.map((part) => normalized(part, negate));
  return { type: turned, parts: inner.flatMap((part) => (part.type === turned ? part.parts : [part])) };
}
