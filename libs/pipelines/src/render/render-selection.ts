import { topKRules, type TopKSelection } from '../process-rules.js';
import type { Grouping } from '../spec/merging.js';
import type { SelectingProcessor } from '../spec/selection-rules.js';
import type { Component } from './collector-config.js';
import { dropWhere } from './drop-where.js';
import { processOutside } from './ottl.js';
import { markId, mergeChain } from './render-merge.js';

/** A set of processes that the agent computes anew, with all that the written rules depend on. */
export type SelectionRules = {
  /** The component by which it is known. */
  readonly id: string;
  /** By what processes outside the set are merged; without it they are dropped. */
  readonly others: Grouping | undefined;
  readonly critical: readonly string[];
  /** Without one only critical processes count as selected. */
  readonly selection?: TopKSelection | undefined;
};

/** The component by which a pipeline with a selection is known. */
export function selectionId({ kind, others }: SelectingProcessor): string {
  return others === undefined ? filterIds[kind] : markId;
}

const filterIds = {
  keepTopK: 'filter/topk',
  keepAboveThresholds: 'filter/thresholds',
  keepAdaptive: 'filter/adaptive',
} as const;

/** The components that hold a selection; their ids are the same for every selection. */
export function renderSelection({ critical, id, others, selection }: SelectionRules): readonly Component[] {
  const kept = topKRules(critical, selection);
  if (others !== undefined) return mergeChain(others, kept);
  return [{ id, settings: dropWhere('resource', processOutside(kept)) }];
}
