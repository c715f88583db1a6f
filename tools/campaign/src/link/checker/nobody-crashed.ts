import { found, type Check } from './violation.js';

/** No process ends by itself, but those that the plan has kill themselves. */
export const nobodyCrashed: Check = (history) =>
  history
    .all('process-ended')
    .filter(({ isArranged }) => !isArranged)
    .map((line) => {
      const { code, process, signal } = line;
      return found(`${process} ended by itself: ${signal ?? `code ${code ?? '-'}`}`, line);
    });
