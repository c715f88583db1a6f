import { parse } from 'yaml';
import { z } from 'zod';
import {
  processMetricNames,
  processorOfControl,
  readMerge,
  type InterpretedPipeline,
  type PipelineSpec,
  type ProcessMetric,
  type Processor,
  type ReadMerge,
  type RenderedPipeline,
} from '#lib/pipelines';

const scraperSchema = z.object({
  metrics: z.record(z.string(), z.object({ enabled: z.boolean() })).optional(),
});

const renderingSchema = z.object({
  receivers: z.object({
    hostmetrics: z.object({
      scrapers: z
        .object({ process: scraperSchema.optional() })
        // What else there is, is named where it is refused.
        .catchall(z.unknown()),
    }),
  }),
  processors: z.record(z.string(), z.unknown()),
  service: z.object({
    pipelines: z.strictObject({ metrics: z.object({ processors: z.array(z.string()) }) }),
  }),
});
const identitySchema = z.object({ attributes: z.array(z.object({ key: z.string(), value: z.string() })) });

/** What every rendering has, whatever its template; the interpreter knows them or does without. */
const COMMON = new Set(['memory_limiter', 'resource/host', 'batch']);

/** Metrics that the collector's scraper reports unless told otherwise (0.149). */
const ON_BY_DEFAULT: readonly ProcessMetric[] = [
  'process.cpu.time',
  'process.memory.usage',
  'process.memory.virtual',
  'process.disk.io',
];

/** A pipeline for the interpreter, or why there is none. */
export type Interpretable = { readonly pipeline: InterpretedPipeline } | { readonly reason: string };

/**
 * Reads a rendering back for the built-in collector. An order carries no specification, so what is interpreted is
 * what the rendering says by itself: no reduction, merging, or a controlled set, whose settings travel beside it. Anything
 * else, such as a processor of another hand, needs a real collector.
 */
export function interpretable(rendered: RenderedPipeline): Interpretable {
  if (rendered.ingress !== undefined)
    return { reason: 'the built-in collector takes no pushed data; this pipeline needs a real one' };
  if (rendered.imported === true)
    return { reason: 'an imported configuration needs a real collector; the built-in one cannot run it' };
  const parsed = renderingSchema.safeParse(parse(rendered.yaml));
  if (!parsed.success) return { reason: 'the built-in collector reads process pipelines only' };
  const { receivers, service } = parsed.data;
  // In the order in which data passes them.
  const processors = Object.fromEntries(
    service.pipelines.metrics.processors.map((id) => [id, parsed.data.processors[id]]),
  );
  const merge = readMerge(processors);
  const { process, ...others } = receivers.hostmetrics.scrapers;
  const strange = Object.keys(processors).find((id) => !isKnown(id, rendered, merge));
  if (strange !== undefined)
    return { reason: `the built-in collector cannot do ${strange}; it needs a real one` };
  if (Object.keys(others).length > 0) return { reason: refusalOf(Object.keys(others)) };
  const switched = process?.metrics ?? {};
  const processMetrics = processMetricNames.filter(
    (name) => switched[name]?.enabled ?? ON_BY_DEFAULT.includes(name),
  );
  return {
    pipeline: {
      spec: specOf(rendered.intervalSeconds, processMetrics, reductionOf(rendered, merge)),
      host: hostOf(processors['resource/host']),
      criticalProcesses: rendered.control?.criticalProcesses ?? [],
    },
  };
}

function isKnown(id: string, { control }: RenderedPipeline, merge: ReadMerge | undefined): boolean {
  return COMMON.has(id) || id === control?.processor || merge?.components.has(id) === true;
}

function refusalOf(scrapers: readonly string[]): string {
  return `the built-in collector scrapes processes only, not ${scrapers.join(', ')}; it needs a real one`;
}

/**
 * The specification allows one reduction at most. Where a set is controlled and the others are merged, the merging
 * that was read is that of the set; what a merging keeps includes the critical processes.
 */
function reductionOf({ control }: RenderedPipeline, merge: ReadMerge | undefined): readonly Processor[] {
  if (control !== undefined) return [processorOfControl(control)];
  return merge === undefined ? [] : [merge.processor];
}

function specOf(
  intervalSeconds: number,
  processMetrics: readonly ProcessMetric[],
  reduction: readonly Processor[],
): PipelineSpec {
  return {
    source: { kind: 'hostmetrics', intervalSeconds, processMetrics },
    processors: [...reduction, { kind: 'identifyHost' }],
    destination: { ref: 'default' },
  };
}

const LABEL = 'host.label.';

/** The renderer doubles dollars for the collector; here they are single again. */
function hostOf(settings: unknown): InterpretedPipeline['host'] {
  const { attributes } = identitySchema.parse(settings);
  const plain = attributes.map(
    ({ key, value }) => [key, value].map((text) => text.replaceAll('$$', '$')) as [string, string],
  );
  const labels = plain
    .filter(([key]) => key.startsWith(LABEL))
    .map(([key, value]) => [key.slice(LABEL.length), value]);
  return {
    id: plain.find(([key]) => key === 'host.id')?.[1] ?? '',
    labels: Object.fromEntries(labels) as Record<string, string>,
  };
}
