import type { MetricsData } from '#lib/otlp';
import type { Processor } from '../index.js';
import { differences } from './points.js';

export type ConformanceCase = {
  readonly name: string;
  readonly processors: readonly Processor[];
  /** Fed with few series of many points. */
  readonly dense?: boolean;
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
  {
    name: 'keep points by attributes of point and resource',
    processors: [
      {
        kind: 'keepPoints',
        where: [
          {
            test: 'oneOf',
            on: 'point',
            attribute: 'quo"te\\',
            values: ['user', 'we"ird\\$name${x}', 1, true, -1e-7, ''],
          },
        ],
      },
      { kind: 'keepPoints', where: [{ test: 'present', on: 'resource', attribute: 'process.pid' }] },
    ],
    changes: loses,
  },
  {
    name: 'drop points by attributes of point and resource',
    processors: [
      {
        kind: 'dropPoints',
        where: [{ test: 'matches', on: 'point', attribute: '$key${x}', pattern: '^(?i)GRÖ|\\$|^$' }],
      },
      {
        kind: 'dropPoints',
        metrics: { names: ['💥 boom'], patterns: ['^process'] },
        where: [
          { test: 'present', on: 'point', attribute: 'state' },
          { test: 'equals', on: 'resource', attribute: 'process.pid', value: 2 },
        ],
      },
      {
        kind: 'dropPoints',
        where: [{ test: 'equals', on: 'point', attribute: 'schlüssel', value: 2 ** 60 }],
      },
      { kind: 'dropPoints', where: [{ test: 'equals', on: 'point', attribute: 'path', value: false }] },
    ],
    changes: loses,
  },
  ...(['above', 'atLeast', 'below', 'atMost'] as const).map((comparison, index) => ({
    name: `points whose value is ${comparison} a number`,
    processors: [
      {
        kind: index % 2 === 0 ? ('dropPoints' as const) : ('keepPoints' as const),
        where: [{ test: 'value' as const, comparison, number: [1, 1e300, -1e-7, 2 ** 60][index]! }],
      },
    ],
    changes: loses,
  })),
  {
    name: 'drop attributes of points and resources',
    processors: [
      {
        kind: 'dropAttributes',
        on: 'point',
        attributes: { names: ['$key${x}', 'quo"te\\'], patterns: ['^s(?i)CHL', '^extra'] },
      },
      {
        kind: 'dropAttributes',
        on: 'resource',
        attributes: { names: ['path'], patterns: ['\\$key\\$\\{x\\}$'] },
      },
    ],
    changes: differs,
  },
  {
    name: 'keep attributes of points and resources',
    processors: [
      { kind: 'keepAttributes', on: 'point', attributes: { names: ['$key${x}', 'quo"te\\'], patterns: [] } },
      {
        kind: 'keepAttributes',
        on: 'resource',
        attributes: { names: ['$key${x}'], patterns: ['^process\\.|(?i)STATE'] },
      },
    ],
    changes: differs,
  },
  ...(
    [
      ['mean', '^extra|schl|^\\$'],
      ['min', '^extra|schl|^\\$'],
      ['max', '^extra'],
      ['sum', '.'],
    ] as const
  ).map(([gauges, ...away]) => ({
    name: `aggregate attributes away, the ${gauges} of gauges`,
    processors: [
      {
        kind: 'aggregateAttributes' as const,
        ...(gauges === 'max' && { metrics: { names: ['💥 boom'], patterns: ['process', 'größe'] } }),
        away: { names: ['state', 'user.id'], patterns: away },
        gauges,
      },
    ],
    changes: loses,
  })),
  {
    name: 'rename metrics and attributes',
    processors: [
      {
        kind: 'renameMetrics',
        renames: [
          { from: 'we"ird\\$name${x}', to: 'a${env:PATH}"b\\$$c' },
          { from: 'process.cpu.time', to: '💥 größer' },
        ],
      },
      {
        kind: 'renameAttributes',
        on: 'point',
        renames: [
          { from: 'quo"te\\', to: 'state' },
          { from: '$key${x}', to: '$other${x}' },
        ],
      },
      { kind: 'renameAttributes', on: 'resource', renames: [{ from: 'path', to: 'user.id' }] },
    ],
    changes: differs,
  },
  {
    name: 'classify processes by own and built-in classes',
    processors: [
      {
        kind: 'classifyProcesses',
        attribute: 'tier "$1"',
        classes: [
          { name: 'größe', executables: { names: ['we"ird\\$name${x}'], patterns: ['(?i)^GRÖ'] } },
          { name: 'second', executables: { names: ['größe', 'java'], patterns: [] } },
        ],
        builtIn: true,
        otherwise: 'other',
      },
    ],
    changes: differs,
  },
  {
    name: 'classify processes by own classes only',
    processors: [
      {
        kind: 'classifyProcesses',
        attribute: 'path',
        classes: [{ name: '${env:HOME}', executables: { names: ['nginx'], patterns: [] } }],
        builtIn: false,
        otherwise: '$$',
      },
    ],
    changes: differs,
  },
  {
    name: 'the growth of every counter and histogram',
    processors: [{ kind: 'cumulativeToDelta' }],
    changes: differs,
  },
  {
    name: 'the growth of metrics by name, after attributes went that told their series apart',
    processors: [
      { kind: 'dropAttributes', on: 'point', attributes: { names: [], patterns: ['.'] } },
      { kind: 'keepAttributes', on: 'resource', attributes: { names: ['process.parent_pid'], patterns: [] } },
      {
        kind: 'cumulativeToDelta',
        metrics: { names: ['we"ird\\$name${x}', 'process.cpu.time', '💥 boom'], patterns: [] },
      },
    ],
    changes: differs,
  },
  {
    name: 'the growth of metrics by name and pattern, aggregated',
    processors: [
      {
        kind: 'cumulativeToDelta',
        metrics: {
          names: ['we"ird\\$name${x}', '💥 boom'],
          patterns: ['^process\\.', '(?i)GRÖSSE\\.|größe\\.'],
        },
      },
      { kind: 'aggregateAttributes', away: { names: [], patterns: ['.'] }, gauges: 'mean' },
    ],
    changes: differs,
  },
  {
    name: 'the growth of few series with many points',
    dense: true,
    processors: [{ kind: 'cumulativeToDelta' }],
    changes: differs,
  },
  {
    name: 'aggregate few series with many points',
    dense: true,
    processors: [{ kind: 'aggregateAttributes', away: { names: ['state'], patterns: [] }, gauges: 'mean' }],
    changes: loses,
  },
];

function differs(request: MetricsData, output: MetricsData): boolean {
  const { ours, theirs } = differences([request], [output]);
  return ours.length + theirs.length > 0;
}

function pointCount({ resourceMetrics }: MetricsData): number {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .reduce((sum, { points }) => sum + points.length, 0);
}
