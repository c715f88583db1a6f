import type { Metric, NumberPoint, ResourceMetrics, ScopeMetrics } from '#lib/otlp';
import { attributesKey, scopeKey } from './keys.js';
import { got, type Level } from './level.js';

export type NumberMetric = Extract<Metric, { type: 'sum' | 'gauge' }>;

/** A resource with sums and gauges only. */
export type Numbers = Omit<ResourceMetrics, 'scopeMetrics'> & {
  readonly scopeMetrics: readonly (Omit<ScopeMetrics, 'metrics'> & {
    readonly metrics: readonly NumberMetric[];
  })[];
};

type Entry = { readonly metric: NumberMetric; readonly points: NumberPoint[] };
type Scoped = { readonly inScope: ScopeMetrics; readonly metrics: Level<Entry> };
type Owned = { readonly item: ResourceMetrics; readonly scopes: Level<Scoped> };

/**
 * Brings the points of equal resources, scopes and metrics together, in the order in which they appear; of each the
 * first one tells the rest. Metrics of other types are left out.
 */
export function joinResources(items: readonly ResourceMetrics[]): readonly Numbers[] {
  const owners: Level<Owned> = new Map();
  for (const item of items) {
    const key = attributesKey(item.resource.attributes);
    const { scopes } = got(owners, key, () => ({ item, scopes: new Map<string, Scoped>() }));
    for (const inScope of item.scopeMetrics) {
      const make = (): Scoped => ({ inScope, metrics: new Map() });
      join(got(scopes, scopeKey(inScope.scope), make).metrics, inScope.metrics);
    }
  }
  return [...owners.values()].map(written);
}

function join(into: Level<Entry>, metrics: readonly Metric[]): void {
  for (const metric of metrics) {
    if (metric.type !== 'sum' && metric.type !== 'gauge') continue;
    const { points } = got(into, `${metric.type} ${metric.name}`, () => ({ metric, points: [] }));
    points.push(...metric.points);
  }
}

function written({ item, scopes }: Owned): Numbers {
  const scopeMetrics = [...scopes.values()].map(({ inScope, metrics }) => ({
    ...inScope,
    metrics: [...metrics.values()].map(({ metric, points }) => ({ ...metric, points })),
  }));
  return { ...item, scopeMetrics };
}
