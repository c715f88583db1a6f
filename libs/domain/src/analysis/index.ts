export {
  digestOf,
  canonicalBlocks,
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
export { RULE_VERSION, rules } from './rules.js';
export { giveVerdict } from './verdict.js';
