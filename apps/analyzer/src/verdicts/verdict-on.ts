import { giveVerdict } from '#lib/domain';
import { isMeasured, type Verdict } from '#lib/events';
import { evidenceOf, formulaOver, seriesMeasureFor, type Block, type OrderedHashes } from '#lib/metering';
import type { KnownExperiment } from '../shared/experiment-book.js';

/**
 * The verdict that blocks carry for an experiment. Pure: the same blocks and orders give the same verdict, bit for bit.
 * The blocks must be those of the current measurement.
 */
export function verdictOn(
  { state: { run, spec } }: KnownExperiment,
  blocks: readonly Block[],
  ordered: OrderedHashes,
): Verdict {
  const measure = seriesMeasureFor(spec.schedule.maximumSeconds);
  const verdict = giveVerdict(spec, {
    blocks: blocks.map((block) => evidenceOf(block, measure, ordered)),
    hosts: run.hosts,
    measuredFrom: Date.parse(run.measurementAt ?? run.startedAt),
  });
  const { reduction } = verdict;
  if (!isMeasured(reduction)) return verdict;
  return {
    ...verdict,
    reduction: { ...reduction, formulaVersion: formulaOver(reduction.formulaVersion, measure) },
  };
}
