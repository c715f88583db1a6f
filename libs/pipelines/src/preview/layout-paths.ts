import type { Metric, MetricType, ScopeMetrics, Temporality } from '#lib/otlp';
import type { KnownSet } from './known-sets.js';

/** So many steps are remembered, about 100 bytes each; then the paths begin anew. */
const MOST_STEPS = 500_000;

const TYPE: Readonly<Record<MetricType, number>> = {
  ...{ unset: 0, gauge: 1, sum: 2 },
  ...{ histogram: 3, exponentialHistogram: 4, summary: 5 },
};
const TEMPORALITY: Readonly<Record<Temporality, number>> = { unspecified: 0, delta: 1, cumulative: 2 };

/** A name of a metric, its kind below zero, or the number of a set of attributes. */
type StepKey = string | number;

/** A place on a path. Most places have one way on, which needs no table. */
class Step<T> {
  value: T | undefined;
  private key: StepKey | undefined;
  private only: Step<T> | undefined;
  private others: Map<StepKey, Step<T>> | undefined;

  next(key: StepKey): Step<T> | undefined {
    return this.key === key ? this.only : this.others?.get(key);
  }

  open(key: StepKey): Step<T> {
    const step = new Step<T>();
    if (this.only === undefined) {
      this.key = key;
      this.only = step;
    } else (this.others ??= new Map<StepKey, Step<T>>()).set(key, step);
    return step;
  }
}

/**
 * Finds what was made of metrics with the same series in the same order: names, kinds and sets of attributes are a
 * path that is walked without writing a text for it.
 */
export class LayoutPaths<T> {
  private readonly roots = new Map<string, Step<T>>();
  private steps = 0;

  /** `sets` has the attributes of the points of all metrics, one after another. */
  find(
    scope: string,
    metrics: ScopeMetrics['metrics'],
    { make, sets }: { readonly sets: readonly KnownSet[]; readonly make: () => T },
  ): T {
    let step = this.root(scope);
    let at = 0;
    for (const metric of metrics) {
      step = this.walk(this.walk(step, metric.name), kindOf(metric));
      for (const end = at + metric.points.length; at < end; at++)
        step = this.walk(step, (sets[at] as KnownSet).id);
    }
    return (step.value ??= make());
  }

  private root(scope: string): Step<T> {
    if (this.steps > MOST_STEPS) {
      this.roots.clear();
      this.steps = 0;
    }
    const found = this.roots.get(scope);
    if (found !== undefined) return found;
    const root = new Step<T>();
    this.roots.set(scope, root);
    return root;
  }

  private walk(step: Step<T>, key: StepKey): Step<T> {
    const next = step.next(key);
    if (next !== undefined) return next;
    this.steps++;
    return step.open(key);
  }
}

function kindOf(metric: Metric): number {
  const temporality = 'temporality' in metric ? TEMPORALITY[metric.temporality] : 0;
  const monotonic = Number(metric.type === 'sum' && metric.monotonic);
  return -1 - (TYPE[metric.type] * 6 + temporality * 2 + monotonic);
}
