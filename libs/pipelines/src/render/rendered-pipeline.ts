import { createHash } from 'node:crypto';
import { z } from 'zod';
import { executableName } from '../spec/pipeline-spec.js';
import { grouping } from '../spec/merging.js';
import { processMetricNames } from '../spec/process-metrics.js';

/** What the agent needs to recompute a top-k set: the controller's settings and where to write the result. */
export const topKControlSchema = z
  .strictObject({
    kind: z.literal('topk'),
    /** The component whose condition holds the set, the first one where several do. */
    processor: z.string().min(1),
    k: z.int().min(1),
    rankBy: z.enum(['cpu', 'memory', 'score']),
    marginPercent: z.int().min(0),
    minSecondsBetweenSwaps: z.int().min(0),
    /** By what the processes outside the set are merged; absent where they are dropped. */
    others: grouping.optional(),
    criticalProcesses: z.array(executableName).readonly(),
  })
  .readonly();

/** A pipeline as the control plane ships it to a host, before the agent adds its own parts. */
export const renderedPipelineSchema = z
  .strictObject({
    /** The template it came from, or `custom`. */
    templateId: z.string().min(1),
    /** Stock collector configuration without exporters, ports and addresses; the host adds those. */
    yaml: z.string().min(1),
    /** Seconds between two scrapes, by which the agent aligns both variants. */
    intervalSeconds: z.int().min(1).max(60),
    control: topKControlSchema.optional(),
    /** What the ranking tap carries; present exactly where `control` is. */
    rankingMetrics: z.array(z.enum(processMetricNames)).min(1).readonly().optional(),
    /** sha-256 over `yaml` and `control`, in hexadecimal digits. */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .readonly();

export type TopKControl = z.infer<typeof topKControlSchema>;
export type RenderedPipeline = z.infer<typeof renderedPipelineSchema>;

/** The content hash of a pipeline: equal behaviour on a host has an equal hash, whatever template it came from. */
export function pipelineHash(yaml: string, control: TopKControl | undefined): string {
  // A length in front keeps the two parts apart, so no text can slip from one into the other.
  return createHash('sha256')
    .update(`${yaml.length}\n${yaml}${JSON.stringify(control ?? null)}`)
    .digest('hex');
}
