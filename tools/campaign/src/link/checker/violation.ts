import type { HistoryLine } from '../history/lines.js';
import type { History } from './history.js';

/** A property that does not hold, with the lines that show it. */
export interface Violation {
  readonly property: string;
  readonly what: string;
  readonly evidence: readonly HistoryLine[];
}

/** Looks for everything in a history that one property forbids. */
export type Check = (history: History) => readonly Omit<Violation, 'property'>[];

/** One finding. */
export function found(what: string, ...evidence: readonly (HistoryLine | undefined)[]) {
  return { what, evidence: evidence.filter((line) => line !== undefined) };
}
