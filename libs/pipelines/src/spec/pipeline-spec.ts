import { z } from 'zod';
import {
  aggregateAttributes,
  dropAttributes,
  keepAttributes,
  renameAttributes,
  renameMetrics,
} from './attribute-processors.js';
import { dropMetrics, keepMetrics } from './filter-processors.js';
import { hostMetricsSource } from './hostmetrics-source.js';
import { interval } from './interval-processor.js';
import { grouping } from './merging.js';
import { otlpSource } from './otlp-source.js';
import { dropPoints, keepPoints } from './point-conditions.js';
import { prometheusSource } from './prometheus-source.js';
import type { ProcessMetric } from './process-metrics.js';
import { resourceDetection } from './resource-detection.js';
import { keepAboveThresholds, keepAdaptive, keepTopK } from './selecting-processors.js';
import { classifyProcesses, cumulativeToDelta } from './series-processors.js';

/** Linux executable names hold any byte but NUL and newline; other control characters only come from mistakes. */
export const executableName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}]+$/u, 'must not contain control characters');

const executableNames = z.array(executableName).max(200).readonly();

const memoryLimiter = z
  .strictObject({ kind: z.literal('memoryLimiter'), limitMebibytes: z.int().min(32) })
  .readonly();

const mergeProcesses = z
  .strictObject({
    kind: z.literal('mergeProcesses'),
    by: grouping,
    /** Executables that stay individual processes, besides the critical ones. */
    keep: executableNames,
  })
  .readonly();

const identifyHost = z.strictObject({ kind: z.literal('identifyHost') }).readonly();

const batch = z
  .strictObject({
    kind: z.literal('batch'),
    timeoutMilliseconds: z.int().min(0).max(60_000),
    points: z.int().min(1).max(100_000),
  })
  .readonly();

export const processorSchema = z.discriminatedUnion('kind', [
  memoryLimiter,
  keepTopK,
  keepAboveThresholds,
  keepAdaptive,
  mergeProcesses,
  keepMetrics,
  dropMetrics,
  keepPoints,
  dropPoints,
  dropAttributes,
  keepAttributes,
  aggregateAttributes,
  renameMetrics,
  renameAttributes,
  classifyProcesses,
  cumulativeToDelta,
  interval,
  resourceDetection,
  identifyHost,
  batch,
]);

export const pipelineSpecSchema = z
  .strictObject({
    source: z.discriminatedUnion('kind', [hostMetricsSource, prometheusSource, otlpSource]),
    processors: z.array(processorSchema).min(1).max(20).readonly(),
    /** The name of a destination; its address and secrets are bound on the host, never written here. */
    destination: z.strictObject({ ref: z.string().min(1).max(100) }).readonly(),
  })
  .readonly();

/** What a pipeline collects, does and where it sends it: the typed form that is rendered and interpreted. */
export type PipelineSpec = z.infer<typeof pipelineSpecSchema>;
export type Processor = z.infer<typeof processorSchema>;
export type ProcessorKind = Processor['kind'];
export type ProcessorOf<K extends ProcessorKind> = Extract<Processor, { kind: K }>;

/** Each processor under its kind, for tables that must name them all. */
export type ProcessorByKind = { readonly [K in ProcessorKind]: ProcessorOf<K> };

/** What the process scraper of a pipeline is asked for; nothing where it scrapes no processes. */
export function processMetricsOf({ source }: Pick<PipelineSpec, 'source'>): readonly ProcessMetric[] {
  return (source.kind === 'hostmetrics' ? source.processMetrics : undefined) ?? [];
}

/** The first processor of a kind; those that stand for a duty of the whole pipeline occur only once. */
export function processorOf<K extends ProcessorKind>(
  spec: PipelineSpec,
  kind: K,
): ProcessorOf<K> | undefined {
  return spec.processors.find((processor): processor is ProcessorOf<K> => processor.kind === kind);
}
