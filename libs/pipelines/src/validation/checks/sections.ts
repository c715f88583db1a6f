import { componentKinds } from '../catalogue/catalogue.js';
import type { Check } from '../check.js';
import { problem } from '../problem.js';
import { didYouMean } from '../../suggest.js';

const known = [...componentKinds, 'service'];

/** The top of the configuration holds the sections and nothing else. */
export const sections: Check = ({ root }) =>
  root.entries
    .filter(({ key }) => !known.includes(key))
    .map(({ key, offset }) =>
      problem('unknown-section', { path: key, offset }, 'The collector has no section of this name.', () =>
        didYouMean(key, known),
      ),
    );
