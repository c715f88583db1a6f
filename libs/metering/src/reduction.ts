import type { Block, BlockVariant } from './block.js';

/** How active series are counted: per wall-clock minute, or per window in runs too short for minutes. */
export type SeriesMeasure = 'activeSeries' | 'windowSeries';

/** What a reduction is about. */
export type ReductionMeasure = SeriesMeasure | 'uniqueSeries' | 'pointsPerMinute' | 'bytesPerMinute';

export type NoReduction =
  | 'baseline-missing' // no window of that variant in the block
  | 'candidate-missing'
  | 'baseline-unmeasured' // windows, but nothing that tells this measure
  | 'candidate-unmeasured'
  | 'baseline-empty' // measured as zero: a fault of the pipeline, never a saving
  | 'candidate-empty';

export type Reduction =
  | { readonly value: number; readonly baseline: number; readonly candidate: number }
  | { readonly noData: true; readonly reason: NoReduction };

/** 1 - candidate / baseline of one block; negative where the candidate sends more. */
export function reduction(block: Block, measure: ReductionMeasure = 'activeSeries'): Reduction {
  const baseline = measured(block, 'baseline', measure);
  if (typeof baseline !== 'number') return { noData: true, reason: baseline };
  const candidate = measured(block, 'candidate', measure);
  if (typeof candidate !== 'number') return { noData: true, reason: candidate };
  return { value: 1 - candidate / baseline, baseline, candidate };
}

function measured(
  block: Block,
  variant: 'baseline' | 'candidate',
  measure: ReductionMeasure,
): number | NoReduction {
  const found = block[variant];
  if (found === null) return `${variant}-missing`;
  const value = valueOf(found, measure);
  if (value === null) return `${variant}-unmeasured`;
  return value > 0 ? value : `${variant}-empty`;
}

function valueOf(variant: BlockVariant, measure: ReductionMeasure): number | null {
  switch (measure) {
    case 'activeSeries':
    case 'windowSeries':
    case 'uniqueSeries':
      return variant[measure]?.value ?? null;
    case 'pointsPerMinute':
      return variant.pointsPerMinute;
    case 'bytesPerMinute':
      return variant.coveredSeconds > 0 ? (variant.bytes / variant.coveredSeconds) * 60 : null;
  }
}
