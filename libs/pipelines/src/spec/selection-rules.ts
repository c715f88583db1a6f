import { errorFinding, type Finding } from '../findings.js';
import {
  processMetricsOf,
  type PipelineSpec,
  type Processor,
  type ProcessorKind,
  type ProcessorOf,
} from './pipeline-spec.js';
import { rankingMetricsOf, seriesOfProcess, type ProcessMetric } from './process-metrics.js';

const selectingKinds = ['keepTopK', 'keepAboveThresholds', 'keepAdaptive'] as const;

/** A processor with a set of processes that the agent computes anew from the ranking tap. */
export type SelectingProcessor = ProcessorOf<(typeof selectingKinds)[number]>;

export const selecting: ReadonlySet<ProcessorKind> = new Set(selectingKinds);

export function isSelecting(processor: Processor): processor is SelectingProcessor {
  return selecting.has(processor.kind);
}

/** The metrics without which the set cannot be computed. */
export function metricsToSelect(processor: SelectingProcessor): readonly ProcessMetric[] {
  if (processor.kind === 'keepTopK') return rankingMetricsOf[processor.rankBy];
  return [
    ...(processor.cpuCores > 0 ? rankingMetricsOf.cpu : []),
    ...(processor.memoryBytes > 0 ? rankingMetricsOf.memory : []),
  ];
}

/** Finds all but the first of what decides which processes stay individual. */
export function oneReduction({ processors }: PipelineSpec): readonly Finding[] {
  const reductions = processors.flatMap((processor, index) =>
    isSelecting(processor) || processor.kind === 'mergeProcesses' ? [{ kind: processor.kind, index }] : [],
  );
  const [first, ...rest] = reductions;
  return rest
    .filter(({ kind }) => kind !== first?.kind)
    .map(({ kind, index }) =>
      errorFinding(
        'conflicting-reductions',
        `processors.${index}`,
        'what one drops the other can no longer merge, and merged processes have no pid to rank',
        `Use ${first?.kind ?? ''} or ${kind}; a set can merge its others by itself.`,
      ),
    );
}

/** Finds metrics that a set depends on and that are not scraped. */
export function rankingMetrics(spec: PipelineSpec): readonly Finding[] {
  const scraped = processMetricsOf(spec);
  return spec.processors.filter(isSelecting).flatMap((processor) =>
    metricsToSelect(processor)
      .filter((metric) => !scraped.includes(metric))
      .map((metric) =>
        errorFinding(
          'ranking-metric-missing',
          'source.processMetrics',
          `${ranking(processor)} needs ${metric}`,
          `Add ${metric}.`,
        ),
      ),
  );
}

/** Finds limits that can never let anything in, and caps that leave no room. */
export function limitsMakeSense(spec: PipelineSpec): readonly Finding[] {
  return spec.processors.flatMap((processor, index) => {
    if (!isSelecting(processor) || processor.kind === 'keepTopK') return [];
    const noLimit = processor.cpuCores === 0 && processor.memoryBytes === 0;
    return [
      ...(noLimit
        ? [
            errorFinding(
              'threshold-missing',
              `processors.${index}`,
              'without a limit for CPU or memory no process is ever above one',
              'Give cpuCores or memoryBytes above 0.',
            ),
          ]
        : []),
      ...(processor.kind === 'keepAdaptive' ? capFindings(processor, spec, `processors.${index}`) : []),
    ];
  });
}

function capFindings(
  { k, maxSeries, scaling }: ProcessorOf<'keepAdaptive'>,
  spec: PipelineSpec,
  path: string,
): readonly Finding[] {
  const each = seriesOfProcess(processMetricsOf(spec));
  const error = (wrong: boolean, at: string, message: string, fix: string): readonly Finding[] =>
    wrong ? [errorFinding('cap-out-of-range', `${path}.${at}`, message, fix)] : [];
  return [
    ...error(maxSeries < each, 'maxSeries', 'one process alone has more series', `Give ${each} or more.`),
    ...error(k !== undefined && k.min > k.max, 'k', 'min is above max', 'Swap them.'),
    ...error(
      scaling.busyPercent > scaling.fullPercent,
      'scaling',
      'limits would fall while the load rises',
      'Give fullPercent at least the value of busyPercent.',
    ),
  ];
}

function ranking(processor: SelectingProcessor): string {
  return processor.kind === 'keepTopK' ? `ranking by ${processor.rankBy}` : processor.kind;
}
