export type * from './model.js';
export type * from './block.js';
export { MeteringError, type MeteringErrorCode } from './errors.js';
export { HostMeter, type MeteredCollector, type WindowFacts } from './host-meter.js';
export { RankingTap } from './ranking-tap.js';
export type { ProcessScore } from './process-usage.js';
export { decodeWindowMessage, encodeWindowMessage } from './window-codec.js';
export { ATTRIBUTE_ERROR, attributeValues, valuesOfAll } from './attribute-values.js';
export { mergeBlock } from './merge-block.js';
export {
  evidenceOf,
  formulaOver,
  seriesMeasureFor,
  type BlockEvidence,
  type OrderedHashes,
} from './evidence.js';
export type { BlockSpan } from './block-variant.js';
export {
  reduction,
  type NoReduction,
  type Reduction,
  type ReductionMeasure,
  type SeriesMeasure,
} from './reduction.js';
export { seriesUnion, type AppearedSeries, type SeriesUnion } from './series-union.js';
export { HyperLogLog } from './hyperloglog.js';
export { coverage, type Span } from './coverage.js';
export { MAX_EXACT_SERIES, MAX_MESSAGE_BYTES, MINUTE_MS, NONE, OTHER, WINDOW_MS } from './limits.js';
