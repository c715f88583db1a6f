import type { Processor, ProcessorByKind, ProcessorKind } from '../spec/pipeline-spec.js';
import type { SelectingProcessor } from '../spec/selection-rules.js';
import { plainText, type Component, type Settings } from './collector-config.js';
import { dropWhere } from './drop-where.js';
import { isPicked, not } from './ottl.js';
import { aggregating, dropping, keeping, renamingAttributes, renamingMetrics } from './render-attributes.js';
import { classifying } from './render-classes.js';
import { toDelta } from './render-delta.js';
import { pointFails, pointFits } from './render-point-conditions.js';
import { detecting, holding } from './render-time-and-place.js';
import { renderMerge } from './render-merge.js';
import { renderSelection, selectionId } from './render-selection.js';

/** Who the host is in the output: its id and its labels become resource attributes. */
export type HostIdentity = { readonly id: string; readonly labels: Readonly<Record<string, string>> };

export type PipelineContext = { readonly host: HostIdentity; readonly critical: readonly string[] };

/** `place` is where a processor stands among its siblings, which makes the ids of its components its own. */
export type ProcessorContext = PipelineContext & { readonly place: number };

type Renderers = {
  readonly [K in ProcessorKind]: (
    processor: ProcessorByKind[K],
    context: ProcessorContext,
  ) => readonly Component[];
};

const renderers: Renderers = {
  memoryLimiter: ({ limitMebibytes }) => [{ id: 'memory_limiter', settings: memoryLimits(limitMebibytes) }],
  keepTopK: selecting,
  keepAboveThresholds: selecting,
  keepAdaptive: selecting,
  mergeProcesses: (processor, { critical }) => renderMerge(processor, critical),
  keepMetrics: ({ metrics }, { place }) => [
    {
      id: `filter/keep-metrics-${place}`,
      settings: dropWhere('metric', not(isPicked('metric.name', metrics))),
    },
  ],
  dropMetrics: ({ metrics }, { place }) => [
    { id: `filter/drop-metrics-${place}`, settings: dropWhere('metric', isPicked('metric.name', metrics)) },
  ],
  keepPoints: (processor, { place }) => [
    {
      id: `filter/keep-points-${place}`,
      settings: dropWhere('datapoint', pointFails(processor)),
    },
  ],
  dropPoints: (processor, { place }) => [
    {
      id: `filter/drop-points-${place}`,
      settings: dropWhere('datapoint', pointFits(processor)),
    },
  ],
  dropAttributes: (processor, { place }) => [
    { id: `transform/drop-attributes-${place}`, settings: dropping(processor) },
  ],
  keepAttributes: (processor, { place }) => [
    { id: `transform/keep-attributes-${place}`, settings: keeping(processor) },
  ],
  aggregateAttributes: (processor, { place }) => [
    { id: `transform/aggregate-attributes-${place}`, settings: aggregating(processor) },
  ],
  renameMetrics: (processor, { place }) => [
    { id: `transform/rename-metrics-${place}`, settings: renamingMetrics(processor) },
  ],
  renameAttributes: (processor, { place }) => [
    { id: `transform/rename-attributes-${place}`, settings: renamingAttributes(processor) },
  ],
  classifyProcesses: (processor, { critical, place }) => [
    { id: `transform/classify-processes-${place}`, settings: classifying(processor, critical) },
  ],
  cumulativeToDelta: (processor, { place }) => [
    { id: `cumulativetodelta/${place}`, settings: toDelta(processor) },
  ],
  interval: (processor, { place }) => [{ id: `interval/${place}`, settings: holding(processor) }],
  resourceDetection: (processor, { place }) => [
    { id: `resourcedetection/${place}`, settings: detecting(processor) },
  ],
  identifyHost: (_, { host }) => [
    { id: 'resource/host', settings: { attributes: hostAttributes(host).map(upsert) } },
  ],
  batch: ({ timeoutMilliseconds, points }) => [
    { id: 'batch', settings: { timeout: `${timeoutMilliseconds}ms`, send_batch_size: points } },
  ],
};

/** The stock components that one processor of the specification stands for, in order. */
export function renderProcessor(processor: Processor, context: ProcessorContext): readonly Component[] {
  return renderWith(processor.kind, processor, context);
}

function renderWith<K extends ProcessorKind>(
  kind: K,
  processor: ProcessorByKind[K],
  context: ProcessorContext,
): readonly Component[] {
  return renderers[kind](processor, context);
}

/** The author's part of a set: only critical processes are in it until a host has chosen others. */
function selecting(processor: SelectingProcessor, { critical }: ProcessorContext): readonly Component[] {
  return renderSelection({ id: selectionId(processor), others: processor.others, critical });
}

/** Key and value of each host attribute, sorted by key, as both renderer and interpreter write them. */
export function hostAttributes(host: HostIdentity): readonly (readonly [string, string])[] {
  const labels = Object.entries(host.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return [['host.id', host.id], ...labels.map(([key, value]) => [`host.label.${key}`, value] as const)];
}

function upsert([key, value]: readonly [string, string]): Settings {
  return { key: plainText(key), value: plainText(value), action: 'upsert' };
}

function memoryLimits(mebibytes: number): Settings {
  return { check_interval: '1s', limit_mib: mebibytes, spike_limit_mib: Math.floor(mebibytes / 5) };
}
