import type { CollectorRule } from './rules.js';

/** A spot in the text, under the path by which people find it. */
export type Place = { readonly path: string; readonly offset: number };

/** A finding before its severity and its line are looked up. */
export type Problem = {
  readonly rule: CollectorRule;
  readonly place: Place;
  readonly message: string;
  readonly fix: Fix;
};

/** What to do. Where it has to be searched for, that is done only for findings that are shown. */
export type Fix = string | (() => string);

export function problem(rule: CollectorRule, place: Place, message: string, fix: Fix): Problem {
  return { rule, place, message, fix };
}

/** A spot one level below another. */
export function below({ path }: Place, key: string | number, offset: number): Place {
  return { path: path === '' ? String(key) : `${path}.${key}`, offset };
}
