export {
  rankedNames,
  seriesByName,
  trafficByName,
  trafficOfAll,
  trafficRow,
  valuesRow,
  type BreakdownRow,
  type Buckets,
  type NamedBlock,
  type OfBoth,
  type Traffic,
  type TrafficByName,
  type TrafficRow,
  type ValuesRow,
} from './breakdown.js';
export {
  digestOf,
  canonicalBlocks,
  spanOf,
  type CollectorUse,
  type EvidenceBlock,
  type ExecutableUse,
  type VariantEvidence,
} from './blocks.js';
export { isUsable, type Evidence } from './health.js';
export { kpisOf, type ExperimentKpis, type VariantKpis } from './kpis.js';
export {
  volumeKpis,
  type HostSeries,
  type SeriesAppearance,
  type VolumeBlock,
  type VolumeKpis,
} from './volume.js';
export { NOTHING } from './words.js';
export { RULE_VERSION, rules } from './rules.js';
export { giveVerdict } from './verdict.js';
