import type { Check } from '../check.js';
import { problem, type Problem } from '../problem.js';
import { scalarsOf, type Spot } from './scalars.js';

/** Words with a `$` in front that look like a variable of a shell. */
const shellVariable = /(?:^|[^$])\$[A-Z_][A-Z0-9_]+/;
const escapedReference = /(?:^|[^$])(?:\$\$)+\{(?:env|file):/;

/** `$` that does not do what it looks like. */
export const expansion: Check = (model) => scalarsOf(model).flatMap(surprises);

function surprises({ place, scalar }: Spot): readonly Problem[] {
  if (typeof scalar.value !== 'string' || !scalar.text.includes('$')) return [];
  if (escapedReference.test(scalar.text)) {
    const message = 'A doubled $ makes this reference plain text.';
    return [problem('dollar-escape', place, message, 'Write a single $ to have it resolved.')];
  }
  if (!shellVariable.test(scalar.text)) return [];
  const message = 'A variable without braces is plain text for the collector.';
  return [
    problem('dollar-escape', place, message, 'Write it like ${env:NAME}, or $$ where a plain $ is meant.'),
  ];
}
