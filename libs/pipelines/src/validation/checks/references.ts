import type { Check } from '../check.js';
import { problem, type Problem } from '../problem.js';
import { didYouMean } from '../../suggest.js';
import { expansions, type Expansion } from './expand.js';
import { scalarsOf } from './scalars.js';

const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]+$/;
const variablePattern = /^[A-Za-z_]\w*(?::-[^]*)?$/;

/** Every `${…}` names a provider of this collector, and a variable that can exist. */
export const references: Check = (model) =>
  scalarsOf(model).flatMap(({ place, scalar }) => {
    if (typeof scalar.value !== 'string') return [];
    return expansions(scalar.text)
      .filter(({ escaped }) => !escaped)
      .flatMap((one): readonly Problem[] => {
        const fix = objection(one, model.catalogue.providers);
        const message = 'The collector cannot resolve this reference, and does not start.';
        return fix === undefined ? [] : [problem('unresolvable-reference', place, message, fix)];
      });
  });

/** What to do about a reference that cannot be resolved. */
function objection({ scheme, name }: Expansion, providers: readonly string[]): string | undefined {
  if (scheme === '') return variablePattern.test(name) ? undefined : dollars;
  if (!schemePattern.test(scheme)) return dollars;
  // `${NAME:-text}` has no scheme, although it has a colon.
  if (name.startsWith('-')) return providers.includes('env') ? `Write it like \${env:NAME:-text}.` : dollars;
  if (!providers.includes(scheme)) return `${didYouMean(scheme, providers)} Escape a plain $ as $$.`;
  return scheme !== 'env' || variablePattern.test(name) ? undefined : dollars;
}

const dollars = 'Name a variable like ${env:NAME}, or write $$ where a plain $ is meant.';
