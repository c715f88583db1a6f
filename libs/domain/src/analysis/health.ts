import type { HostId, NamedCheck } from '#lib/events';
import type { EvidenceBlock, VariantEvidence } from './blocks.js';
import { sum } from './moments.js';
import { rules } from './rules.js';
import { listOf, percent } from './words.js';

/** Everything that a verdict is made from besides the description of the experiment. */
export type Evidence = {
  /** In canonical order. */
  readonly blocks: readonly EvidenceBlock[];
  readonly hosts: readonly HostId[];
  /** Begin of the measurement, ms since the epoch; nothing earlier may count. */
  readonly measuredFrom: number;
};

/** True when both variants were watched long enough in the block and both exported series. */
export function isUsable(block: EvidenceBlock): boolean {
  return isWatched(block, block.baseline) && isWatched(block, block.candidate) && !isSilent(block);
}

function isWatched({ seconds }: EvidenceBlock, variant: VariantEvidence | null): boolean {
  return variant !== null && variant.coveredSeconds >= rules.coverageOfBlock * seconds;
}

/** A variant that was watched and told of no series: a fault of the pipeline, never a saving of 100 %. */
function isSilent(block: EvidenceBlock): boolean {
  return [block.baseline, block.candidate].some(
    (variant) => isWatched(block, variant) && !((variant?.activeSeries?.value ?? 0) > 0),
  );
}

const variantsOf = ({ baseline, candidate }: EvidenceBlock): readonly VariantEvidence[] =>
  [baseline, candidate].filter((variant) => variant !== null);

const place = ({ host, start }: EvidenceBlock): string => `${host} at ${new Date(start).toISOString()}`;

/** The checks that come before any figure; if one fails the verdict is `invalid`. */
export function healthChecks(evidence: Evidence): readonly NamedCheck[] {
  return [
    bothVariantsReport(evidence),
    seriesAreExported(evidence),
    blocksAre(evidence, 'configuration', 'ran another configuration than ordered', (block) =>
      variantsOf(block).some((variant) => !variant.configurationIsOrdered),
    ),
    blocksAre(
      evidence,
      'warm-up over',
      'began before the measurement',
      ({ start }) => start < evidence.measuredFrom,
    ),
    blocksAre(evidence, 'clock', 'had a wrong clock or overlap', clockIsWrong),
    blocksAre(
      evidence,
      'series identity',
      'mix versions of the series identity',
      ({ identityVersions }) => new Set([...identityVersions, ...identityOfFirst(evidence)]).size > 1,
    ),
    gapsAreFew(evidence),
    lossesAreFew(evidence),
  ];
}

function bothVariantsReport({ blocks, hosts }: Evidence): NamedCheck {
  const usable = blocks.filter(isUsable);
  const reporting = new Set(usable.map(({ host }) => host));
  const missing = hosts.filter((host) => !reporting.has(host));
  const unusable = blocks.length - usable.length;
  const passed =
    missing.length === 0 && unusable <= rules.unusableBlocks * blocks.length && usable.length > 0;
  const silent = missing.length === 0 ? '' : `; no usable block from ${listOf(missing)}`;
  return {
    name: 'both variants report',
    passed,
    detail: `${usable.length} of ${blocks.length} blocks from ${reporting.size} of ${hosts.length} hosts hold both variants${silent}`,
  };
}

function seriesAreExported(evidence: Evidence): NamedCheck {
  return blocksAre(evidence, 'series exported', 'hold a watched variant without any series', isSilent);
}

function clockIsWrong(block: EvidenceBlock, before: EvidenceBlock | undefined): boolean {
  if (Math.abs(block.clockOffsetMs ?? 0) > rules.clockOffsetMs) return true;
  return before?.host === block.host && block.start < before.start + before.seconds * 1000;
}

function identityOfFirst({ blocks }: Evidence): readonly number[] {
  return blocks.flatMap(({ identityVersions }) => identityVersions).slice(0, 1);
}

/** A check that no block is as `isBad` says, naming those that are. */
function blocksAre(
  { blocks }: Evidence,
  name: string,
  complaint: string,
  isBad: (block: EvidenceBlock, before: EvidenceBlock | undefined) => boolean,
): NamedCheck {
  const bad = blocks.filter((block, i) => isBad(block, blocks[i - 1]));
  const detail =
    bad.length === 0 ? `none of ${blocks.length} blocks` : `${bad.length} blocks: ${listOf(bad.map(place))}`;
  return { name, passed: bad.length === 0, detail: `${detail} ${complaint}` };
}

/** Seconds of the blocks that nobody watched in either variant, the worse of the two in each block. */
export function gapSecondsOf(blocks: readonly EvidenceBlock[]): number {
  return sum(
    blocks.map((block) =>
      Math.max(block.baseline?.gapSeconds ?? block.seconds, block.candidate?.gapSeconds ?? block.seconds),
    ),
  );
}

function gapsAreFew({ blocks }: Evidence): NamedCheck {
  const seconds = sum(blocks.map((block) => block.seconds));
  const share = seconds === 0 ? 0 : gapSecondsOf(blocks) / seconds;
  return {
    name: 'gaps',
    passed: share <= rules.gaps,
    detail: `${percent(share)} of the time was not watched, at most ${percent(rules.gaps)} may be missing`,
  };
}

function lossesAreFew({ blocks }: Evidence): NamedCheck {
  const variants = blocks.flatMap(variantsOf);
  const lost = sum(variants.map(({ use }) => (use === null ? 0 : use.refused + use.failed)));
  const all = lost + sum(variants.map(({ points }) => points));
  const share = all === 0 ? 0 : lost / all;
  return {
    name: 'losses',
    passed: share <= rules.losses,
    detail: `the collectors lost ${percent(share)} of the points, at most ${percent(rules.losses)} may be lost`,
  };
}
