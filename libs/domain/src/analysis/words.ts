import { rules } from './rules.js';

/** 0.7113 as `71.1 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The first names and how many more there are. */
export function listOf(names: readonly string[]): string {
  const more = names.length - rules.namesInSentence;
  const shown = names.slice(0, rules.namesInSentence).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Why there is no figure where there is no evidence. */
export const NOTHING = 'no block holds both variants yet';
/** Why there is none of processes, and of collectors, where there is some. */
export const NO_EXECUTABLE = 'no block shows an executable';
export const NOT_SAMPLED = 'the collectors could not be sampled';
