import type { Check } from '../check.js';
import { problem, type Problem } from '../problem.js';
import type { Place } from '../problem.js';

/** What makes batches smaller, or other ones; behind a batch processor it undoes its work. */
const reshaping = new Set([
  'filter',
  'groupbyattrs',
  'transform',
  'metricstransform',
  'tail_sampling',
  'probabilistic_sampler',
]);

type Step = { readonly type: string; readonly place: Place };

/** The memory limiter stands first, and no processor that reshapes batches stands behind a batch processor. */
export const order: Check = ({ pipelines, find }) =>
  pipelines.flatMap(({ processors }) => {
    const steps = processors.map(({ id, place }) => ({ type: find('processors', id)?.type ?? '', place }));
    return [...limiterLate(steps), ...batchEarly(steps)];
  });

function limiterLate(steps: readonly Step[]): readonly Problem[] {
  return steps
    .filter(({ type }, at) => at > 0 && type === 'memory_limiter')
    .map(({ place }) => {
      const message = 'The memory limiter can only push back what no other processor has taken in yet.';
      return problem('memory-limiter-first', place, message, 'Put it first.');
    });
}

function batchEarly(steps: readonly Step[]): readonly Problem[] {
  const last = steps.findLastIndex(({ type }) => reshaping.has(type));
  return steps
    .slice(0, Math.max(last, 0))
    .filter(({ type }) => type === 'batch')
    .map(({ place }) => {
      const message = 'A processor behind this one changes the batches again.';
      return problem('batch-last', place, message, 'Put batch last.');
    });
}
