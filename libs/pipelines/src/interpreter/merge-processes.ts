import type { Metric, MetricsData, ResourceMetrics, ScopeMetrics } from '#lib/otlp';
import type { ProcessRule } from '../process-rules.js';
import type { Grouping } from '../spec/merging.js';
import { counterGrowth, type GrowthMemory } from './counter-growth.js';
import { attributesKey, scopeKey } from './keys.js';
import { stillFresh, timeOf, type CounterTotal, type InterpreterMemory } from './memory.js';
import { accumulate, groupTime, mergePoints } from './merge-points.js';
import { groupAttributes, isOutside } from './process-resource.js';

type NumberMetric = Extract<Metric, { type: 'sum' | 'gauge' }>;

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
  const growing: GrowthMemory = { startedAt: memory.startedAt, readings: stillFresh(memory.readings, now) };
  const totals = stillFresh(memory.totals, now);
  const individual = data.resourceMetrics.filter(({ resource }) => !isOutside(resource, kept));
  const anonymous = data.resourceMetrics
    .filter(({ resource }) => isOutside(resource, kept))
    .map((process) => anonymise(process, by, growing));
  const groups = joined(anonymous).map((group) => summed(group, totals));
  return {
    data: { resourceMetrics: [...individual, ...groups.filter(holdsPoints)].map(withoutSchema) },
    memory: { ...memory, readings: growing.readings, totals },
  };
}

function anonymise(process: ResourceMetrics, by: Grouping, memory: GrowthMemory): ResourceMetrics {
  const { resource } = process;
  const identity = attributesKey(resource.attributes);
  const scopeMetrics = process.scopeMetrics.map((inScope) => {
    const owner = `${identity}\n${scopeKey(inScope.scope)}`;
    const grown = inScope.metrics.map((metric) => counterGrowth(metric, owner, memory));
    return { ...inScope, metrics: grown.filter((metric) => metric !== undefined) };
  });
  return { ...process, resource: { ...resource, attributes: groupAttributes(resource, by) }, scopeMetrics };
}

/** Brings the points of equal resources, scopes and metrics together, in the order in which they appear. */
function joined(processes: readonly ResourceMetrics[]): readonly ResourceMetrics[] {
  return groupBy(processes, ({ resource }) => attributesKey(resource.attributes)).map(([first, ...rest]) => ({
    ...first,
    scopeMetrics: joinedScopes([first, ...rest].flatMap(({ scopeMetrics }) => scopeMetrics)),
  }));
}

function joinedScopes(scopes: readonly ScopeMetrics[]): readonly ScopeMetrics[] {
  return groupBy(scopes, ({ scope }) => scopeKey(scope)).map(([first, ...rest]) => ({
    ...first,
    metrics: joinedMetrics([first, ...rest].flatMap(({ metrics }) => metrics).filter(isNumber)),
  }));
}

function joinedMetrics(metrics: readonly NumberMetric[]): readonly NumberMetric[] {
  return groupBy(metrics, ({ name, type }) => `${type} ${name}`).map(([first, ...rest]) => ({
    ...first,
    points: [first, ...rest].flatMap(({ points }) => points),
  }));
}

function summed(group: ResourceMetrics, totals: Map<string, CounterTotal>): ResourceMetrics {
  const time = groupTime(group.scopeMetrics.flatMap(({ metrics }) => metrics).filter(isNumber));
  const owner = attributesKey(group.resource.attributes);
  const scopeMetrics = group.scopeMetrics.map((inScope) => ({
    ...inScope,
    metrics: inScope.metrics
      .filter(isNumber)
      .map((metric) =>
        accumulate(mergePoints(metric, time), `${owner}\n${scopeKey(inScope.scope)}\n${metric.name}`, totals),
      )
      .filter(({ points }) => points.length > 0),
  }));
  return { ...group, scopeMetrics };
}

function isNumber(metric: Metric): metric is NumberMetric {
  return metric.type === 'sum' || metric.type === 'gauge';
}

/** The component that joins processes writes every resource anew, without its schema address (0.149). */
function withoutSchema(resource: ResourceMetrics): ResourceMetrics {
  return { ...resource, schemaUrl: '' };
}

function holdsPoints({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.some(({ metrics }) => metrics.length > 0);
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
