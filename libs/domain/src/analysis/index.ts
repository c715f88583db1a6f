export {
  digestOf,
  canonicalBlocks,
  type CollectorUse,
  type EvidenceBlock,
  type ExecutableUse,
  type VariantEvidence,
} from './blocks.js';
export type { Evidence } from './health.js';
export { kpisOf, type ExperimentKpis, type VariantKpis } from './kpis.js';
export { RULE_VERSION, rules } from './rules.js';
export { giveVerdict } from './verdict.js';
