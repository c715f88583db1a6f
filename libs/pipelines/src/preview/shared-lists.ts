import type { Attribute, MetricPoints, MetricsData, Resource, Scope } from '#lib/otlp';
import { scopeKey } from '../interpreter/keys.js';

/**
 * Gives the parts of a decoded recording that say the same the same objects: lists of attributes, resources and
 * scopes. What is found out of one of them then holds for all windows.
 */
export class SharedLists {
  private readonly numbers = new Map<Attribute, number>();
  private readonly lists = new Map<string, readonly Attribute[]>();
  private readonly resources = new Map<readonly Attribute[], Resource>();
  private readonly scopes = new Map<readonly Attribute[], Map<string, Scope>>();

  share({ resourceMetrics }: MetricsData): MetricsData {
    return {
      resourceMetrics: resourceMetrics.map(({ resource, schemaUrl, scopeMetrics }) => ({
        resource: this.resource(resource),
        scopeMetrics: scopeMetrics.map(({ metrics, schemaUrl: url, scope }) => ({
          scope: this.scope(scope),
          metrics: metrics.map((metric) => ({ ...metric, ...this.points(metric) })),
          schemaUrl: url,
        })),
        schemaUrl,
      })),
    };
  }

  private points(metric: MetricPoints): MetricPoints {
    const points = metric.points.map((point) => ({ ...point, attributes: this.list(point.attributes) }));
    // Every point keeps its type, which the union of metrics cannot say.
    return { ...metric, points } as MetricPoints;
  }

  private resource(resource: Resource): Resource {
    const attributes = this.list(resource.attributes);
    const found = this.resources.get(attributes);
    if (found?.droppedAttributesCount === resource.droppedAttributesCount) return found;
    const shared = { ...resource, attributes };
    this.resources.set(attributes, shared);
    return shared;
  }

  private scope(scope: Scope): Scope {
    const attributes = this.list(scope.attributes);
    const known = this.scopes.get(attributes) ?? new Map<string, Scope>();
    this.scopes.set(attributes, known);
    const found = known.get(scopeKey(scope));
    if (found?.droppedAttributesCount === scope.droppedAttributesCount) return found;
    const shared = { ...scope, attributes };
    known.set(scopeKey(scope), shared);
    return shared;
  }

  /** Equal attributes are mostly one object already, as the decoder remembers them by their bytes. */
  private list(attributes: readonly Attribute[]): readonly Attribute[] {
    let key = '';
    for (const attribute of attributes) key += `${this.numberOf(attribute)} `;
    const found = this.lists.get(key);
    if (found !== undefined) return found;
    this.lists.set(key, attributes);
    return attributes;
  }

  private numberOf(attribute: Attribute): number {
    const found = this.numbers.get(attribute);
    if (found !== undefined) return found;
    const number = this.numbers.size;
    this.numbers.set(attribute, number);
    return number;
  }
}
