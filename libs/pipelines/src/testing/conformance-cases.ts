import type { MetricsData } from '#lib/otlp';
import type { Processor } from '../index.js';

export type ConformanceCase = {
  readonly name: string;
  readonly processors: readonly Processor[];
  /** True where the processors did something to a request. */
  readonly changes: (request: MetricsData, output: MetricsData) => boolean;
};

const loses = (request: MetricsData, output: MetricsData): boolean => {
  const left = pointCount(output);
  return left > 0 && left < pointCount(request);
};

/** What the interpreter and the real collector are both asked to do. */
export const conformanceCases: readonly ConformanceCase[] = [
  {
    name: 'keep metrics by name and pattern',
    processors: [
      {
        kind: 'keepMetrics',
        metrics: { names: ['we"ird\\$name${x}', '💥 boom'], patterns: ['^process\\.[cm]', 'Ö(?i)S'] },
      },
    ],
    changes: loses,
  },
  {
    name: 'drop metrics by name, then by pattern',
    processors: [
      { kind: 'dropMetrics', metrics: { names: ['a${env:HOME}$$b'], patterns: [] } },
      {
        kind: 'dropMetrics',
        metrics: { names: [], patterns: ['(?i)GRÖSSE$', '\\$name\\$\\{x\\}$', '^\\p{So}'] },
      },
    ],
    changes: loses,
  },
];

function pointCount({ resourceMetrics }: MetricsData): number {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .reduce((sum, { points }) => sum + points.length, 0);
}
