import { streamShape, type Metric, type MetricsData, type Scope, type ScopeMetrics } from '#lib/otlp';
import { once } from '../interpreter/once.js';
import { KnownSets, type KnownAttribute, type KnownSet } from './known-sets.js';
import { LayoutPaths } from './layout-paths.js';
import { scopeSize, TextSizes } from './sizes.js';

/** What tells one series of a resource from another: scope, metric and point attributes. */
export type SeriesShape = {
  readonly id: number;
  /** The same for all shapes that only differ in attributes. */
  readonly stream: number;
  readonly metric: string;
  readonly attributes: readonly KnownAttribute[];
};

/** The series of the metrics of one scope, each with its number of points. Equal ones are one object. */
export type Layout = {
  readonly points: number;
  readonly series: readonly { readonly shape: SeriesShape; readonly points: number }[];
};

type MeasuredScope = { readonly bytes: number; readonly layout: Layout };

/**
 * Knows the parts of one recording again. What a pipeline leaves alone is the same object in every run, so its
 * size and its series are found out once however often somebody changes the pipeline.
 */
export class Layouts {
  readonly sets = new KnownSets();
  private readonly ofScope = new WeakMap<ScopeMetrics, { measured: MeasuredScope | undefined }>();
  private readonly streams = new Map<string, number>();
  private readonly shapes = new Map<string, SeriesShape>();
  private readonly layouts = new Map<string, Layout>();
  private readonly paths = new LayoutPaths<Layout>();
  private readonly texts = new TextSizes();
  private readonly scopeText = once(({ attributes, name, version }: Scope) => {
    const ids = attributes.map((attribute) => this.sets.attribute(attribute).id).sort((a, b) => a - b);
    return JSON.stringify([name, version, ...ids]);
  });

  /** Remembers what it finds out of these metrics, as they will come again; of others it would be in vain. */
  expect({ resourceMetrics }: MetricsData): void {
    for (const { scopeMetrics } of resourceMetrics)
      for (const scope of scopeMetrics)
        if (!this.ofScope.has(scope)) this.ofScope.set(scope, { measured: undefined });
  }

  scope(scope: ScopeMetrics): MeasuredScope {
    const expected = this.ofScope.get(scope);
    if (expected === undefined) return this.measure(scope);
    return (expected.measured ??= this.measure(scope));
  }

  /** How much is remembered; whoever keeps this for long begins anew when it is too much. */
  get size(): number {
    return this.shapes.size + this.sets.size + this.layouts.size;
  }

  private measure(scope: ScopeMetrics): MeasuredScope {
    const { metrics } = scope;
    const sets: KnownSet[] = [];
    for (const { points } of metrics)
      for (const { attributes } of points) sets.push(this.sets.set(attributes));
    const inScope = this.scopeText(scope.scope);
    return {
      bytes: scopeSize(scope, {
        ...{ sets, texts: this.texts },
        ofAttributes: this.sets.set(scope.scope.attributes).bytes,
      }),
      layout: this.paths.find(inScope, metrics, { sets, make: () => this.layoutOf(inScope, metrics, sets) }),
    };
  }

  private layoutOf(inScope: string, metrics: readonly Metric[], sets: readonly KnownSet[]): Layout {
    const counts = new Map<SeriesShape, number>();
    let at = 0;
    for (const metric of metrics) {
      const stream = this.streamOf(inScope, metric);
      for (const set of sets.slice(at, (at += metric.points.length))) {
        const shape = this.shapeOf(stream, metric.name, set);
        counts.set(shape, (counts.get(shape) ?? 0) + 1);
      }
    }
    const key = [...counts].map(([{ id }, points]) => `${id}x${points}`).join(' ');
    const series = [...counts].map(([shape, points]) => ({ shape, points }));
    const layout = this.layouts.get(key) ?? {
      points: series.reduce((sum, { points }) => sum + points, 0),
      series,
    };
    this.layouts.set(key, layout);
    return layout;
  }

  private streamOf(inScope: string, metric: Metric): number {
    const { monotonic, temporality, type } = streamShape(metric);
    return numberOf(this.streams, `${inScope}\n${metric.name}\n${type} ${temporality} ${monotonic}`);
  }

  private shapeOf(stream: number, metric: string, { attributes }: KnownSet): SeriesShape {
    const ids = attributes.map(({ id }) => id).sort((a, b) => a - b);
    const key = `${stream}:${ids.join(' ')}`;
    const shape = this.shapes.get(key) ?? { id: this.shapes.size, stream, metric, attributes };
    this.shapes.set(key, shape);
    return shape;
  }
}

function numberOf(numbers: Map<string, number>, key: string): number {
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return number;
}
