import type { MetricsData } from '#lib/otlp';
import type { Check } from '../check.js';
import { membersOf, type Component, type Model } from '../model/model.js';
import { inContext, type MetricContext } from '../ottl/contexts.js';
import { evaluate, type Subject } from '../ottl/evaluate.js';
import { parseCondition } from '../ottl/parse.js';
import type { Condition } from '../ottl/syntax.js';
import { filterGroups, type FilterGroup, type OttlText } from '../ottl/texts.js';
import { problem, type Problem } from '../problem.js';

/** Processors that leave names and attributes as they are, so that behind them the sample still speaks. */
const faithful = new Set([
  'memory_limiter',
  'batch',
  'filter',
  'cumulativetodelta',
  'deltatocumulative',
  'groupbyattrs',
]);

/** Tries the filters on a sample: conditions that match nothing in it, and filters that drop all of it. */
export const filtersOnSample: Check = (model, sample) =>
  sample === undefined || sample.resourceMetrics.length === 0
    ? []
    : filtersThatSeeIt(model).flatMap((filter) =>
        filterGroups(filter)
          .filter(({ signal }) => signal === 'metric')
          .flatMap((group) => judge(group, sample)),
      );

function filtersThatSeeIt(model: Model): readonly Component[] {
  const all = model.pipelines
    .filter(({ signal }) => signal === 'metrics')
    .flatMap((pipeline) => {
      const processors = membersOf(model, pipeline, 'processors');
      const end = processors.findIndex(({ type }) => !faithful.has(type));
      return processors.slice(0, end === -1 ? undefined : end).filter(({ type }) => type === 'filter');
    });
  return [...new Set(all)];
}

type Trial = {
  readonly source: OttlText;
  readonly context: MetricContext;
  readonly hits: readonly (boolean | undefined)[];
};

function judge({ context, conditions }: FilterGroup, sample: MetricsData): readonly Problem[] {
  const trials = conditions.map((source) => trial(source, context, sample));
  const known = trials.flatMap((one) => one ?? []);
  return [...known.filter(matchesNothing).map(({ source }) => nothing(source)), ...dropsSample(known)];
}

function trial(source: OttlText, written: string, sample: MetricsData): Trial | undefined {
  const parsed = parseCondition(source.text);
  const asked = parsed === undefined ? undefined : inContext(parsed, written);
  if (asked === undefined) return undefined;
  const subjects = SUBJECTS[asked.context](sample);
  return { source, context: asked.context, hits: answers(asked.condition, subjects) };
}

function answers(condition: Condition, subjects: readonly Subject[]): readonly (boolean | undefined)[] {
  return subjects.map((subject) => evaluate(condition, subject));
}

function matchesNothing({ hits }: Trial): boolean {
  return hits.length > 0 && hits.every((hit) => hit === false);
}

function nothing({ place }: OttlText): Problem {
  const message = 'The condition matches nothing in the sample.';
  return problem(
    'filter-matches-nothing',
    place,
    message,
    'Compare it with the names in the sample, or remove it.',
  );
}

/** Of one context, every subject is dropped by one condition or another. */
function dropsSample(trials: readonly Trial[]): readonly Problem[] {
  for (const context of ['resource', 'metric', 'datapoint'] as const) {
    const same = trials.filter((one) => one.context === context);
    const [first] = same;
    if (first === undefined || first.hits.length === 0) continue;
    if (!first.hits.every((_, at) => same.some(({ hits }) => hits[at] === true))) continue;
    const message = 'The filter drops everything in the sample.';
    const fix = 'A filter drops what matches: turn the condition round with not (…) to keep it.';
    return [problem('filter-matches-everything', first.source.place, message, fix)];
  }
  return [];
}

const SUBJECTS: Readonly<Record<MetricContext, (sample: MetricsData) => readonly Subject[]>> = {
  resource: ({ resourceMetrics }) => resourceMetrics.map(({ resource }) => ({ resource })),
  metric: metricsOf,
  datapoint: (sample) =>
    metricsOf(sample).flatMap(({ resource, metric }) =>
      metric.points.map((point) => ({ resource, metric, point })),
    ),
};

function metricsOf({ resourceMetrics }: MetricsData): readonly Required<Omit<Subject, 'point'>>[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map((metric) => ({ resource, metric }))),
  );
}
