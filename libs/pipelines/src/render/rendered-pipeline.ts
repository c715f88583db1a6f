import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ingressPort } from '../spec/otlp-source.js';
import { executableName } from '../spec/pipeline-spec.js';
import { processMetricNames } from '../spec/process-metrics.js';
import { adaptiveSettings, thresholdSettings, topKSettings } from '../spec/selecting-processors.js';

/** Where the agent writes a set, and what stays whatever the set. */
const written = {
  /** The component whose condition holds the set, the first one where several do. */
  processor: z.string().min(1),
  criticalProcesses: z.array(executableName).readonly(),
};

/**
 * What the agent needs to recompute a set of processes: the settings of its controller and where to write the
 * result. An agent that does not know a kind refuses the order.
 */
export const controlSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('topk'), ...topKSettings, ...written }).readonly(),
  z.strictObject({ kind: z.literal('thresholds'), ...thresholdSettings, ...written }).readonly(),
  z
    .strictObject({
      kind: z.literal('adaptive'),
      ...adaptiveSettings,
      /** Series of one process at most, by which `maxSeries` becomes a number of processes. */
      seriesEach: z.int().min(1),
      ...written,
    })
    .readonly(),
]);

const MAX_HOLD_SECONDS = 3600;

const ingressSchema = z
  .strictObject({
    /** For OTLP over HTTP; by it the agent tells the ways in of one pipeline from those of another. */
    port: ingressPort,
    /** For OTLP over gRPC. An agent that does not know of it refuses the rendering. */
    grpcPort: ingressPort.optional(),
  })
  .readonly();

/** A pipeline as the control plane ships it to a host, before the agent adds its own parts. */
export const renderedPipelineSchema = z
  .strictObject({
    /** The template it came from, or `custom`. */
    templateId: z.string().min(1),
    /** Stock collector configuration without exporters, ports and addresses; the host adds those. */
    yaml: z.string().min(1),
    /**
     * Present where `yaml` is a host's own configuration, complete with exporters, which the agent runs as it is. An
     * agent that does not know of it refuses the rendering, because unknown fields are refused.
     */
    imported: z.literal(true).optional(),
    /** Seconds between two scrapes, by which the agent aligns both variants. */
    intervalSeconds: z.int().min(1).max(60),
    /** For how long processors hold points back, where that is longer: exports are that far apart then. */
    holdSeconds: z.int().min(2).max(MAX_HOLD_SECONDS).optional(),
    control: controlSchema.optional(),
    /** What the ranking tap carries; present exactly where `control` is. */
    rankingMetrics: z.array(z.enum(processMetricNames)).min(1).readonly().optional(),
    /** The destination's reference, where it is another than `default`; hosts bind it to an address. */
    destination: z.string().min(1).max(100).optional(),
    /** Where applications push what this pipeline takes in: ports of the agent, not of the collector. */
    ingress: ingressSchema.optional(),
    /**
     * sha-256 over `yaml`, `control` and `destination`, in hexadecimal digits; where data is pushed, over `ingress`
     * and `intervalSeconds` too, which no receiver's settings hold then. Of an import, over `yaml` as one.
     */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .readonly();

export type Control = z.infer<typeof controlSchema>;
export type RenderedPipeline = z.infer<typeof renderedPipelineSchema>;
/** The ports on which applications push to a pipeline. */
export type PipelineIngress = z.infer<typeof ingressSchema>;

/** How often a pipeline scrapes, and for how long it holds back what it scraped, where that is longer. */
export type Rhythm = Pick<RenderedPipeline, 'intervalSeconds' | 'holdSeconds'>;

/** The rhythm of a pipeline whose processors hold points back for so many seconds, or for none. */
export function rhythm(intervalSeconds: number, heldSeconds: number): Rhythm {
  const holdSeconds = Math.min(heldSeconds, MAX_HOLD_SECONDS);
  return { intervalSeconds, ...(holdSeconds > intervalSeconds && { holdSeconds }) };
}

/** Seconds that may pass between two exports. */
export function exportSecondsOf({ holdSeconds = 0, intervalSeconds }: Rhythm): number {
  return Math.max(holdSeconds, intervalSeconds);
}

/** The destination of a pipeline that names no other. */
export const defaultDestination = 'default';

/** The content hash of a host's own configuration; never that of a pipeline, which begins with a digit. */
export function importHash(yaml: string): string {
  return createHash('sha256').update(`imported\n${yaml}`).digest('hex');
}

/** The content hash of a pipeline: equal behaviour on a host has an equal hash, whatever template it came from. */
export function pipelineHash(
  yaml: string,
  control: Control | undefined,
  destination?: string,
  pushed?: PipelineIngress & { readonly intervalSeconds: number },
): string {
  // A length in front keeps the two parts apart, so no text can slip from one into the other.
  return createHash('sha256')
    .update(pushed === undefined ? '' : `pushed to ${portsOf(pushed)} every ${pushed.intervalSeconds}\n`)
    .update(`${yaml.length}\n${yaml}${JSON.stringify(control ?? null)}`)
    .update(destination === undefined ? '' : `\n${destination}`)
    .digest('hex');
}

function portsOf({ grpcPort, port }: PipelineIngress): string {
  return grpcPort === undefined ? `${port}` : `${port} and ${grpcPort}`;
}
