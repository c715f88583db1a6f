import type { Check } from '../check.js';
import { problem, type Problem } from '../problem.js';
import { isDate, isOctalByZero } from '../../yaml-words.js';
import { scalarsOf, type Spot } from './scalars.js';

/** Words without quotes that the collector reads otherwise than people do. */
export const plainWords: Check = (model) => scalarsOf(model).flatMap(surprises);

function surprises({ place, scalar: { isPlain, text, value } }: Spot): readonly Problem[] {
  if (!isPlain) return [];
  if (isDate(text)) {
    const message = 'A date without quotes is a point in time and no text.';
    return [problem('date-unquoted', place, message, 'Put it in quotes.')];
  }
  if (!isOctalByZero(text)) return [];
  const message = `A number that begins with 0 is one to base eight: the collector reads ${String(value)}.`;
  const fix = `Write ${String(value)}, or put it in quotes where text is meant.`;
  return [problem('octal-number', place, message, fix)];
}
