import type { NameSelection } from '../spec/naming.js';
import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { exactly, inGroup } from '../spec/regex.js';
import { allOf, attributesOf, isPicked, literal } from './ottl.js';
import { metricStatements, type Statements } from './transform.js';
import type { Settings } from './collector-config.js';

type On = keyof typeof attributesOf;

export function dropping({ on, attributes }: ProcessorOf<'dropAttributes'>): Settings {
  return metricStatements([{ context: contextOf(on), statements: deletions(on, attributes) }]);
}

export function keeping({ on, attributes }: ProcessorOf<'keepAttributes'>): Settings {
  const { names, patterns } = attributes;
  const target = attributesOf[on];
  const statement =
    patterns.length === 0
      ? `keep_keys(${target}, [${names.map(literal).join(', ')}])`
      : `keep_matching_keys(${target}, ${literal([...names.map(exactly), ...patterns].map(inGroup).join('|'))})`;
  return metricStatements([{ context: contextOf(on), statements: [statement] }]);
}

/** What the stock aggregation merges rightly. */
const isMergeable = ['GAUGE', 'SUM', 'HISTOGRAM']
  .map((type) => `metric.type == METRIC_DATA_TYPE_${type}`)
  .join(' or ');

export function aggregating({ metrics, away, gauges }: ProcessorOf<'aggregateAttributes'>): Settings {
  const conditions = [
    allOf([isMergeable, ...(metrics === undefined ? [] : [isPicked('metric.name', metrics)])]),
  ];
  const isGauge = 'metric.type == METRIC_DATA_TYPE_GAUGE';
  return metricStatements([
    { context: 'datapoint', conditions, statements: deletions('point', away) },
    {
      context: 'metric',
      conditions,
      statements: [
        `aggregate_on_attributes(${literal(gauges)}) where ${isGauge}`,
        `aggregate_on_attributes("sum") where not (${isGauge})`,
      ],
    },
  ]);
}

export function renamingMetrics({ renames }: ProcessorOf<'renameMetrics'>): Settings {
  const statements = renames.map(
    ({ from, to }) => `set(metric.name, ${literal(to)}) where metric.name == ${literal(from)}`,
  );
  return metricStatements([{ context: 'metric', statements }]);
}

export function renamingAttributes({ on, renames }: ProcessorOf<'renameAttributes'>): Settings {
  const target = attributesOf[on];
  const statements = renames.flatMap(({ from, to }) => {
    const isThere = `${target}[${literal(from)}] != nil`;
    return [
      `set(${target}[${literal(to)}], ${target}[${literal(from)}]) where ${isThere}`,
      `delete_key(${target}, ${literal(from)}) where ${isThere}`,
    ];
  });
  return metricStatements([{ context: contextOf(on), statements }]);
}

function deletions(on: On, { names, patterns }: NameSelection): readonly string[] {
  return [
    ...names.map((name) => `delete_key(${attributesOf[on]}, ${literal(name)})`),
    ...patterns.map((pattern) => `delete_matching_keys(${attributesOf[on]}, ${literal(pattern)})`),
  ];
}

function contextOf(on: On): Statements['context'] {
  return on === 'point' ? 'datapoint' : 'resource';
}
