import type { Attribute, Metric, MetricsData, Resource } from '#lib/otlp';
import { executableRules, topKRules } from '../process-rules.js';
import { hostAttributes, type HostIdentity } from '../render/render-processors.js';
import type { Grouping } from '../spec/merging.js';
import type { NameSelection } from '../spec/naming.js';
import type { Processor, ProcessorByKind, ProcessorKind } from '../spec/pipeline-spec.js';
import { aggregate, isMergeable } from './aggregate.js';
import { changeAttributes, changePoints, renamed, type Change } from './change-attributes.js';
import { classified } from './classify-processes.js';
import { detected } from './detect-resource.js';
import { eachMetric, filterMetrics } from './filter-metrics.js';
import { filterPoints } from './filter-points.js';
import { holdBack } from './hold-back.js';
import type { Interpretation, InterpretedPipeline } from './interpretation.js';
import { mergeProcesses } from './merge-processes.js';
import { once } from './once.js';
import { picks } from './picking.js';
import { isOutside } from './process-resource.js';
import { toDelta } from './to-delta.js';

/** Where a processor stands. */
export type Place = { readonly pipeline: InterpretedPipeline; readonly place: number };

type Steps = {
  readonly [K in ProcessorKind]: (
    processor: ProcessorByKind[K],
    place: Place,
    state: Interpretation,
  ) => Interpretation;
};

const steps: Steps = {
  memoryLimiter: (_, __, state) => state,
  batch: (_, __, state) => state,
  keepTopK: ({ others }, { pipeline }, state) => selected(others, pipeline, state),
  keepAboveThresholds: ({ others }, { pipeline }, state) => selected(others, pipeline, state),
  keepAdaptive: ({ others }, { pipeline }, state) => selected(others, pipeline, state),
  mergeProcesses: ({ by, keep }, { pipeline }, { data, memory }) =>
    mergeProcesses(data, { by, kept: executableRules(pipeline.criticalProcesses, keep) }, memory),
  identifyHost: (_, { pipeline }, state) => ({ ...state, data: identified(state.data, pipeline.host) }),
  keepMetrics: ({ metrics }, _, state) => {
    const picked = picks(metrics);
    return { ...state, data: filterMetrics(state.data, ({ name }) => picked(name)) };
  },
  dropMetrics: ({ metrics }, _, state) => {
    const picked = picks(metrics);
    return { ...state, data: filterMetrics(state.data, ({ name }) => !picked(name)) };
  },
  keepPoints: (processor, _, state) => ({ ...state, data: filterPoints(state.data, processor, true) }),
  dropPoints: (processor, _, state) => ({ ...state, data: filterPoints(state.data, processor, false) }),
  dropAttributes: (processor, _, state) =>
    withData(state, changeAttributes(state.data, processor.on, dropped(processor))),
  keepAttributes: (processor, _, state) =>
    withData(state, changeAttributes(state.data, processor.on, keptOnly(processor))),
  aggregateAttributes: (processor, _, state) => {
    const { metrics, gauges } = processor;
    const isNamed = metrics === undefined ? () => true : picks(metrics);
    const left = withoutAway(processor);
    const aggregated = (metric: Metric): Metric =>
      isMergeable(metric) && isNamed(metric.name) ? aggregate(changePoints(metric, left), gauges) : metric;
    return withData(state, eachMetric(state.data, aggregated));
  },
  renameMetrics: ({ renames }, _, state) => {
    const names = new Map(renames.map(({ from, to }) => [from, to]));
    return withData(
      state,
      eachMetric(state.data, (metric) => {
        const name = names.get(metric.name);
        return name === undefined ? metric : { ...metric, name };
      }),
    );
  },
  renameAttributes: (processor, _, state) =>
    withData(state, changeAttributes(state.data, processor.on, renamed(processor))),
  classifyProcesses: (processor, { pipeline }, state) =>
    withData(state, changeAttributes(state.data, 'resource', classes(processor)(pipeline.criticalProcesses))),
  cumulativeToDelta: (processor, { place }, state) => toDelta(state, processor, place),
  interval: (processor, { place }, state) => holdBack(state, processor, place),
  resourceDetection: (processor, { pipeline }, state) =>
    pipeline.facts === undefined ? state : withData(state, detected(state.data, pipeline.facts, processor)),
};

/** What a set of processes lets through, and what becomes of the others. */
function selected(
  others: Grouping | undefined,
  { criticalProcesses, selection }: InterpretedPipeline,
  state: Interpretation,
): Interpretation {
  const kept = topKRules(criticalProcesses, selection);
  if (others !== undefined) return mergeProcesses(state.data, { by: others, kept }, state.memory);
  const inside = state.data.resourceMetrics.filter(({ resource }) => !isOutside(resource, kept));
  return withData(state, { resourceMetrics: inside });
}

function withData(state: Interpretation, data: MetricsData): Interpretation {
  return { ...state, data };
}

/** What one processor makes of the data and the memory. */
export function stepOf(processor: Processor, place: Place, state: Interpretation): Interpretation {
  return stepWith(processor.kind, [processor, place, state]);
}

function stepWith<K extends ProcessorKind>(
  kind: K,
  given: readonly [ProcessorByKind[K], Place, Interpretation],
): Interpretation {
  return steps[kind](...given);
}

function identified(data: MetricsData, host: HostIdentity): MetricsData {
  const named = namedAfter(host);
  return {
    resourceMetrics: data.resourceMetrics.map(({ resource, schemaUrl, scopeMetrics }) => ({
      ...{ resource: named(resource), scopeMetrics, schemaUrl },
    })),
  };
}

/** Lists of attributes last as long as a recording, so what becomes of one is found out once. */
const dropped = once(({ attributes }: ProcessorByKind['dropAttributes']) => filtered(attributes, false));
const keptOnly = once(({ attributes }: ProcessorByKind['keepAttributes']) => filtered(attributes, true));
const withoutAway = once(({ away }: ProcessorByKind['aggregateAttributes']) => filtered(away, false));

/** A list of which nothing goes stays the same object. */
function filtered(selection: NameSelection, kept: boolean): Change {
  const picked = picks(selection);
  return once((all: readonly Attribute[]) => {
    const left = all.filter(({ key }) => picked(key) === kept);
    return left.length === all.length ? all : left;
  });
}

const classes = once((processor: ProcessorByKind['classifyProcesses']) =>
  once((critical: readonly string[]) =>
    once((all: readonly Attribute[]) => classified(all, processor, critical)),
  ),
);

const namedAfter = once((host: HostIdentity) => {
  const identity = hostAttributes(host).map(([key, value]): Attribute => ({ key, value }));
  const keys = new Set(identity.map(({ key }) => key));
  return once((resource: Resource): Resource => ({
    ...resource,
    attributes: [...resource.attributes.filter(({ key }) => !keys.has(key)), ...identity],
  }));
});
