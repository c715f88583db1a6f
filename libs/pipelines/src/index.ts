export {
  PipelineError,
  type Finding,
  type FindingRule,
  type PipelineErrorCode,
  type Severity,
  type SpecRule,
  type TextPosition,
} from './findings.js';
export {
  pipelineSpecSchema,
  type PipelineSpec,
  type Processor,
  type ProcessorKind,
} from './spec/pipeline-spec.js';
export {
  processMetricNames,
  rankingMetricsOf,
  type ProcessMetric,
  type RankBy,
} from './spec/process-metrics.js';
export { oneIngress } from './spec/one-ingress.js';
export { processesToGuard } from './spec/processes-to-guard.js';
export { validateSpec } from './spec/validate-spec.js';
export {
  instantiateTemplate,
  isTemplateId,
  templateIds,
  templates,
  validateParameters,
  type TemplateDescription,
} from './templates/catalogue.js';
export type { ParameterDefinition, ParameterInput } from './templates/parameters.js';
export type { TemplateId } from './templates/template.js';
export type { ProcessMember, TopKSelection } from './process-rules.js';
export type { HostFacts } from './render/host-facts.js';
export type { HostIdentity } from './render/render-processors.js';
export { readsPages } from './render/render-source.js';
export { readSpec, storedSource, type StoredSource } from './render/stored-source.js';
export { renderPipeline, specOf, type PipelineSource, type RenderRequest } from './render/render-pipeline.js';
export {
  defaultDestination,
  exportSecondsOf,
  pipelineHash,
  renderedPipelineSchema,
  type PipelineIngress,
  type RenderedPipeline,
  type Rhythm,
  type Control,
} from './render/rendered-pipeline.js';
export {
  renderForHost,
  scrapeDelay,
  scrapeDelayEnv,
  type HostBinding,
  type VariantBinding,
} from './render/render-for-host.js';
export { bytesAsJson, MOST_IMPORT_BYTES, requireShippable } from './imported/render-import.js';
export { renderImported, type ImportedConfig } from './imported/render-imported.js';
export { exampleYaml, renderYaml, yamlVariableFindings } from './variables/render-yaml.js';
export { hasHostVariables, resolveSpec, specFindings } from './variables/spec-texts.js';
export { importFindings, type ImportRole } from './imported/import-findings.js';
export { pairFindings, type ImportedPair } from './imported/pair-findings.js';
export {
  renderStored,
  sourceForHost,
  type StoredContent,
  type StoredRequest,
} from './render/render-stored.js';
export { readMerge, type ReadMerge } from './render/read-merge.js';
export { rankingTapPath, type Destination } from './render/exporters.js';
export {
  destinationProfileSchema,
  type DestinationKind,
  type DestinationProfile,
} from './destinations/profile.js';
export { isSecretReference, type SecretReference, type SecretText } from './destinations/secret.js';
export { secretsOf } from './destinations/secrets-of.js';
export {
  readDestination,
  validateDestination,
  type ReadDestination,
} from './destinations/validate-destination.js';
export {
  TopKController,
  type RankedProcess,
  type Ranking,
  type TopKDecision,
  type TopKReason,
  type TopKSettings,
  type TopKState,
} from './topk/top-k-controller.js';
export { ProcessLoad, WindowLoad, type ProcessUse } from './topk/process-load.js';
export {
  controllerOf,
  type SetController,
  type SetDecision,
  type SetReason,
  type SetState,
} from './topk/set-controller.js';
export {
  AdaptiveController,
  type AdaptiveDecision,
  type AdaptiveReason,
  type AdaptiveState,
} from './adaptive/adaptive-controller.js';
export type { AdaptiveSettings, HostCapacity } from './adaptive/adaptive-settings.js';
export { processorOfControl } from './render/control-of.js';
export { interpret } from './interpreter/interpret.js';
export type { Interpretation, InterpretedPipeline } from './interpreter/interpretation.js';
export { freshMemory, type InterpreterMemory } from './interpreter/memory.js';
export * from './recordings/index.js';
export * from './preview/index.js';
export {
  exportFormats,
  exportPipeline,
  type ExportFormat,
  type PipelineExport,
  type PipelineExportInput,
} from './export/export-pipeline.js';
export type { ExportedFile } from './export/kubernetes.js';
