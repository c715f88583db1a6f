import { hashAttribute, streamShape, type Attribute, type Metric, type ScopeMetrics } from '#lib/otlp';
import { seriesNumber } from '../recordings/count-recording.js';
import { attributeSize, scopeSize } from './sizes.js';

/** One attribute with its value: a small number for each distinct one, its part of an identity, its size. */
export type KnownAttribute = {
  readonly id: number;
  readonly key: string;
  readonly lo: number;
  readonly hi: number;
  readonly bytes: number;
};

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
  private readonly ofAttribute = new WeakMap<Attribute, KnownAttribute>();
  private readonly ofScope = new WeakMap<ScopeMetrics, MeasuredScope>();
  private readonly attributes = new Map<number, KnownAttribute>();
  private readonly streams = new Map<string, number>();
  private readonly shapes = new Map<string, SeriesShape>();
  private readonly layouts = new Map<string, Layout>();

  attribute(attribute: Attribute): KnownAttribute {
    const found = this.ofAttribute.get(attribute);
    if (found !== undefined) return found;
    const { hi, lo } = hashAttribute(attribute);
    const number = seriesNumber(lo, hi);
    const known = this.attributes.get(number) ?? {
      ...{ id: this.attributes.size + 1, key: attribute.key, lo, hi },
      bytes: attributeSize(attribute),
    };
    this.attributes.set(number, known);
    this.ofAttribute.set(attribute, known);
    return known;
  }

  scope(scope: ScopeMetrics): MeasuredScope {
    const found = this.ofScope.get(scope);
    if (found !== undefined) return found;
    const bytes = scopeSize(scope, (attribute) => this.attribute(attribute).bytes);
    const measured = { bytes, layout: this.layoutOf(scope) };
    this.ofScope.set(scope, measured);
    return measured;
  }

  /** How much is remembered; whoever keeps this for long begins anew when it is too much. */
  get size(): number {
    return this.shapes.size + this.attributes.size + this.layouts.size;
  }

  private layoutOf({ metrics, scope }: ScopeMetrics): Layout {
    const ofScope = scope.attributes.map((attribute) => this.attribute(attribute).id).sort((a, b) => a - b);
    const inScope = JSON.stringify([scope.name, scope.version, ...ofScope]);
    const counts = new Map<SeriesShape, number>();
    for (const metric of metrics) {
      const stream = this.streamOf(inScope, metric);
      for (const { attributes } of metric.points) {
        const shape = this.shapeOf(stream, metric.name, attributes);
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

  private shapeOf(stream: number, metric: string, attributes: readonly Attribute[]): SeriesShape {
    const known = attributes.map((attribute) => this.attribute(attribute));
    const ids =
      known.length < 2 ? known.map(({ id }) => id) : known.map(({ id }) => id).sort((a, b) => a - b);
    const key = `${stream}:${ids.join(' ')}`;
    const shape = this.shapes.get(key) ?? { id: this.shapes.size, stream, metric, attributes: known };
    this.shapes.set(key, shape);
    return shape;
  }
}

function numberOf(numbers: Map<string, number>, key: string): number {
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return number;
}
