import type { Finding } from '#lib/pipelines';
import type { FindingView } from '../views/common.view.js';

/** A finding as answers show it. */
export function shown({ position, ...finding }: Finding): FindingView {
  return { ...finding, line: position?.line ?? null, column: position?.column ?? null };
}
