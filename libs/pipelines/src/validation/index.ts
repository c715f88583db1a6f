/**
 * `#lib/collector-validation`: apart from `#lib/pipelines`, since its catalogue and its engine for patterns take 5 MB,
 * which no agent should carry.
 */
export { validateCollectorConfig, type CollectorConfigOptions } from './validate-collector-config.js';
export { located } from './located.js';
export { collectorRules, type CollectorRule } from './rules.js';
export type { Catalogue, ComponentKind, ComponentSchema, Field } from './catalogue/catalogue.js';
export { catalogueOfHost } from './catalogue/host-catalogue.js';
export { pinnedCatalogue } from './catalogue/pinned.js';
