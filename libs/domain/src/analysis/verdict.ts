import { noData, type Decision, type ExperimentSpec, type NamedCheck, type Verdict } from '#lib/events';
import { isoTime } from '../figures.js';
import { canonicalBlocks, digestOf, spanOf, type EvidenceBlock } from './blocks.js';
import { checkGuardrails, type GuardrailOutcome } from './guardrails.js';
import { gapSecondsOf, healthChecks, isUsable, type Evidence } from './health.js';
import { sum } from './moments.js';
import { estimateReduction, pairsOf, reductionFigure, type ReductionEstimate } from './reduction.js';
import { RULE_VERSION, rules } from './rules.js';
import { percent } from './words.js';

type Finding = { readonly decision: Decision; readonly reason: string };

/**
 * The verdict over blocks, pure and deterministic: the same blocks in any order give the same verdict, bit for bit.
 * Health checks come first, then the guardrails, then the success criterion. A decision on an interval needs the
 * whole interval on one side of the criterion; without an interval, every single block.
 */
export function giveVerdict(
  spec: ExperimentSpec,
  evidence: Pick<Evidence, 'hosts' | 'measuredFrom' | 'blocks'>,
): Verdict {
  const blocks = canonicalBlocks(evidence.blocks);
  const health = healthChecks({ ...evidence, blocks });
  const usable = blocks.filter(isUsable);
  const guardrails = checkGuardrails(spec, usable);
  const failed = health.filter(({ passed }) => !passed);
  const estimate = failed.length > 0 ? undefined : estimateReduction(pairsOf(usable), spec.confidence);
  const finding = estimate === undefined ? invalid(failed) : judge(spec, guardrails, estimate);
  return {
    ...finding,
    scope: estimate?.scope ?? narrowestScope(evidence.hosts.length),
    reduction: estimate === undefined ? noData(finding.reason) : reductionFigure(estimate, usable),
    guardrails: guardrails.map(({ name, passed, detail }) => ({ name, passed, detail })),
    health: [...health],
    evidence: summaryOf(blocks, evidence.measuredFrom),
    ruleVersion: RULE_VERSION,
  };
}

function narrowestScope(hosts: number): Verdict['scope'] {
  return { hosts: hosts === 1 ? 'this host only' : 'these hosts only', time: 'this period only' };
}

function summaryOf(blocks: readonly EvidenceBlock[], measuredFrom: number): Verdict['evidence'] {
  return {
    blocksDigest: digestOf(blocks),
    blocks: blocks.length,
    windows: sum(blocks.map(({ windows }) => windows)),
    gapSeconds: gapSecondsOf(blocks),
    watermark: isoTime(spanOf(blocks)?.to ?? measuredFrom),
  };
}

function invalid(failed: readonly NamedCheck[]): Finding {
  const why = failed.map(({ name, detail }) => `${name} (${detail})`).join('; ');
  return { decision: 'invalid', reason: `The figures must not be used. Failed health checks: ${why}.` };
}

function judge(
  spec: ExperimentSpec,
  guardrails: readonly GuardrailOutcome[],
  estimate: ReductionEstimate,
): Finding {
  const measured = describe(estimate);
  const broken = guardrails.filter(({ outcome }) => outcome === 'broken');
  if (broken.length > 0)
    return {
      decision: 'keep-baseline',
      reason: `${measured} But a guardrail is broken: ${details(broken)}.`,
    };
  const unknown = guardrails.filter(({ outcome }) => outcome === 'no data');
  if (unknown.length > 0)
    return {
      decision: 'inconclusive',
      reason: `${measured} A guardrail could not be measured: ${details(unknown)}.`,
    };
  const { decision, words } = againstCriterion(spec.success.minimumReduction, estimate);
  return { decision, reason: `${measured} ${words} All guardrails hold.` };
}

function details(guardrails: readonly GuardrailOutcome[]): string {
  return guardrails.map(({ name, detail }) => `${name} (${detail})`).join('; ');
}

/** Estimate, what surrounds it and how far it reaches, in words. */
function describe({ value, interval, scope }: ReductionEstimate): string {
  const bounds = `${percent(interval.low)} to ${percent(interval.high)}`;
  const around =
    interval.kind === 'confidence'
      ? `${percent(interval.level)} confidence interval ${bounds}`
      : `range over ${interval.blocks} blocks ${bounds}, not a confidence interval`;
  const amount =
    value >= 0 ? `${percent(value)} fewer active series` : `${percent(-value)} more active series`;
  return `The candidate sends ${amount} (${around}; ${scope.hosts}, ${scope.time}).`;
}

function againstCriterion(
  asked: number,
  estimate: ReductionEstimate,
): { readonly decision: Decision; readonly words: string } {
  const { interval, worstBlock, bestBlock } = estimate;
  const bound = asked - rules.rounding;
  const isRange = interval.kind === 'range';
  const [low, high] = isRange ? [worstBlock, bestBlock] : [interval.low, interval.high];
  const what = isRange ? 'every block' : 'the whole interval';
  if (low >= bound)
    return { decision: 'promote', words: `In ${what} it is at least the ${percent(asked)} asked.` };
  if (high < bound)
    return { decision: 'keep-baseline', words: `In ${what} it is below the ${percent(asked)} asked.` };
  const side = isRange ? 'Some blocks reach' : 'A part of the interval reaches';
  return { decision: 'inconclusive', words: `${side} the ${percent(asked)} asked, and the rest does not.` };
}
