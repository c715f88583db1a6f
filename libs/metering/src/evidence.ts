import type { Block, BlockVariant, Estimate } from './block.js';
import { OTHER } from './limits.js';
import type { Variant } from './model.js';
import type { SeriesMeasure } from './reduction.js';

/** What a verdict needs of a block, as plain data in the words of the analysis. */
export type BlockEvidence = Pick<
  Block,
  'host' | 'start' | 'seconds' | 'windows' | 'identityVersions' | 'clockOffsetMs' | 'weights'
> & {
  readonly baseline: VariantEvidence | null;
  readonly candidate: VariantEvidence | null;
};

type VariantEvidence = Pick<BlockVariant, 'coveredSeconds' | 'gapSeconds' | 'points'> & {
  readonly configurationIsOrdered: boolean;
  readonly activeSeries: Estimate | null;
  readonly executables: readonly string[];
  readonly use: Omit<NonNullable<BlockVariant['use']>, 'rssMaxBytes'> | null;
};

/** Hashes that were ordered for a variant of a host; empty where nothing is known, and then any single one passes. */
export type OrderedHashes = (host: string, variant: Variant) => ReadonlySet<string>;

/** Shorter experiments see every series in every window, and have too few minutes to count in. */
const WINDOWS_BELOW_SECONDS = 600;

/** How the series of an experiment that measures for at most so long are counted. */
export function seriesMeasureFor(maximumSeconds: number): SeriesMeasure {
  return maximumSeconds < WINDOWS_BELOW_SECONDS ? 'windowSeries' : 'activeSeries';
}

/** The version of a formula over series, with how they were counted: figures of both kinds must not be compared. */
export function formulaOver(formulaVersion: string, measure: SeriesMeasure): string {
  return `${formulaVersion}:${measure}`;
}

/** A block as evidence. The bucket of names beyond the meter's bound is no executable. Pure. */
export function evidenceOf(block: Block, measure: SeriesMeasure, ordered: OrderedHashes): BlockEvidence {
  const { host, start, seconds, windows, identityVersions, clockOffsetMs, weights } = block;
  const evidence = (variant: BlockVariant | null): VariantEvidence | null =>
    variant && variantEvidence(variant, measure, ordered(host, variant.variant));
  return {
    ...{ host, start, seconds, windows, identityVersions, clockOffsetMs, weights },
    baseline: evidence(block.baseline),
    candidate: evidence(block.candidate),
  };
}

function variantEvidence(
  variant: BlockVariant,
  measure: SeriesMeasure,
  ordered: ReadonlySet<string>,
): VariantEvidence {
  const { configHashes, coveredSeconds, gapSeconds, points, executables, use } = variant;
  return {
    configurationIsOrdered:
      ordered.size === 0 ? configHashes.length === 1 : configHashes.every((hash) => ordered.has(hash)),
    ...{ coveredSeconds, gapSeconds, points },
    activeSeries: variant[measure],
    executables: executables.map(({ name }) => name).filter((name) => name !== OTHER),
    use: use && {
      sampledSeconds: use.sampledSeconds,
      cpuSeconds: use.cpuSeconds,
      rssP95Bytes: use.rssP95Bytes,
      refused: use.refused,
      failed: use.failed,
    },
  };
}
