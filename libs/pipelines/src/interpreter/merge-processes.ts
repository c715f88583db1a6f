import type { MetricsData, ResourceMetrics } from '#lib/otlp';
import type { ProcessRule } from '../process-rules.js';
import type { Grouping } from '../spec/merging.js';
import { counterGrowth } from './counter-growth.js';
import { joinResources, type Numbers } from './join-resources.js';
import { attributesKey, ownerKey, scopeKey } from './keys.js';
import { got } from './level.js';
import {
  freshByOwner,
  stillFresh,
  timeOf,
  type CounterReading,
  type CounterTotal,
  type InterpreterMemory,
} from './memory.js';
import { accumulate, groupTime, mergePoints } from './merge-points.js';
import { groupAttributes, isOutside } from './process-resource.js';

export type Merging = { readonly by: Grouping; readonly kept: readonly ProcessRule[] };

/**
 * Merges the processes that no rule keeps, step by step as the rendered chain of components does.
 * The process scraper gives sums only; metrics of other types in a merged process are refused by leaving them out.
 */
export function mergeProcesses(
  data: MetricsData,
  { by, kept }: Merging,
  memory: InterpreterMemory,
): { readonly data: MetricsData; readonly memory: InterpreterMemory } {
  const now = timeOf(data);
  const growing: Growing = { startedAt: memory.startedAt, readings: freshByOwner(memory.readings, now) };
  const totals = stillFresh(memory.totals, now);
  const individual: ResourceMetrics[] = [];
  const anonymous: ResourceMetrics[] = [];
  for (const process of data.resourceMetrics)
    if (isOutside(process.resource, kept)) anonymous.push(anonymise(process, by, growing));
    else individual.push(process);
  const groups = joinResources(anonymous).map((group) => summed(group, totals));
  return {
    data: { resourceMetrics: [...individual, ...groups.filter(holdsPoints)].map(withoutSchema) },
    memory: { ...memory, readings: growing.readings, totals },
  };
}

type Growing = Pick<InterpreterMemory, 'startedAt'> & {
  readonly readings: Map<string, Map<string, CounterReading>>;
};

function anonymise(
  process: ResourceMetrics,
  by: Grouping,
  { readings, startedAt }: Growing,
): ResourceMetrics {
  const { resource } = process;
  const scopeMetrics = process.scopeMetrics.map((inScope) => {
    const owner = ownerKey(resource.attributes, inScope.scope);
    const ofOwner = { startedAt, readings: got(readings, owner, () => new Map<string, CounterReading>()) };
    const grown = inScope.metrics.map((metric) => counterGrowth(metric, ofOwner));
    return { ...inScope, metrics: grown.filter((metric) => metric !== undefined) };
  });
  return { ...process, resource: { ...resource, attributes: groupAttributes(resource, by) }, scopeMetrics };
}

function summed(group: Numbers, totals: Map<string, CounterTotal>): ResourceMetrics {
  const time = groupTime(group.scopeMetrics.flatMap(({ metrics }) => metrics));
  const owner = attributesKey(group.resource.attributes);
  const scopeMetrics = group.scopeMetrics.map((inScope) => ({
    ...inScope,
    metrics: inScope.metrics
      .map((metric) =>
        accumulate(mergePoints(metric, time), `${owner}\n${scopeKey(inScope.scope)}\n${metric.name}`, totals),
      )
      .filter(({ points }) => points.length > 0),
  }));
  return { ...group, scopeMetrics };
}

/** The component that joins processes writes every resource anew, without its schema address (0.149). */
function withoutSchema(resource: ResourceMetrics): ResourceMetrics {
  return { ...resource, schemaUrl: '' };
}

function holdsPoints({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.some(({ metrics }) => metrics.length > 0);
}
