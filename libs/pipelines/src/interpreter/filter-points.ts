import { attributeValue, type AnyValue, type Attribute, type Metric, type MetricsData } from '#lib/otlp';
import type { AttributeCondition, PointTests, ValueCondition } from '../spec/point-conditions.js';
import { compilePattern } from '../spec/regex.js';
import { isAbsent } from './change-attributes.js';
import { mapMetrics } from './filter-metrics.js';
import { once } from './once.js';
import { picks } from './picking.js';
import { filterPointsOf, type Point } from './points.js';

/** Without the looked-at points for which the tests come out otherwise than `kept`, as the stock filter has it. */
export function filterPoints(data: MetricsData, tests: PointTests, kept: boolean): MetricsData {
  const { ofResource, ofPoint, isNamed, comparing } = compiled(tests);
  return mapMetrics(data, ({ attributes }) => {
    const resourceFits = ofResource(attributes);
    return (metric) => {
      if (metric.type === 'unset') return metric;
      if (metric.points.length === 0) return undefined;
      if (!isNamed(metric.name) || (comparing && !isComparable(metric))) return metric;
      const left = filterPointsOf(
        metric,
        (point) => (comparing && point.flags !== 0) || (resourceFits && ofPoint(point)) === kept,
      );
      return left.points.length === 0 ? undefined : left;
    };
  });
}

type Compiled = {
  readonly isNamed: (metric: string) => boolean;
  readonly ofResource: (attributes: readonly Attribute[]) => boolean;
  readonly ofPoint: (point: Point) => boolean;
  /** True where values are compared, so that other points are left alone. */
  readonly comparing: boolean;
};

const compiled = once(({ metrics, where }: PointTests): Compiled => {
  const ofAttributes = where.filter((condition) => condition.test !== 'value');
  const valueTests = where.filter((condition) => condition.test === 'value').map(valueTest);
  const resourceTests = ofAttributes.filter(({ on }) => on === 'resource').map(attributeTest);
  const attributeTests = ofAttributes.filter(({ on }) => on === 'point').map(attributeTest);
  return {
    isNamed: metrics === undefined ? () => true : picks(metrics),
    ofResource: (attributes) => resourceTests.every((test) => test(attributes)),
    ofPoint: (point) =>
      attributeTests.every((test) => test(point.attributes)) && valueTests.every((test) => test(point)),
    comparing: valueTests.length > 0,
  };
});

function isComparable(metric: Metric): boolean {
  if (metric.type === 'sum') return !metric.monotonic || metric.temporality !== 'cumulative';
  return metric.type === 'gauge';
}

function attributeTest(condition: AttributeCondition): (attributes: readonly Attribute[]) => boolean {
  const test = testOfValue(condition);
  return (attributes) => {
    const value = attributeValue(attributes, condition.attribute);
    return !isAbsent(value) && test(value);
  };
}

function testOfValue(condition: AttributeCondition): (value: AnyValue) => boolean {
  switch (condition.test) {
    case 'equals':
      return (value) => comparable(value) === condition.value;
    case 'oneOf': {
      const values: ReadonlySet<AnyValue> = new Set(condition.values);
      return (value) => values.has(comparable(value));
    }
    case 'matches': {
      const pattern = compilePattern(condition.pattern);
      return (value) => typeof value === 'string' && pattern.test(value);
    }
    case 'present':
      return () => true;
  }
}

/** Integers and doubles compare by their value. */
function comparable(value: AnyValue): AnyValue {
  return typeof value === 'bigint' ? Number(value) : value;
}

function valueTest({ comparison, number }: ValueCondition): (point: Point) => boolean {
  const compare = comparisons[comparison];
  // A point without a value reads as zero in the collector.
  return (point) => 'value' in point && compare(Number(point.value ?? 0), number);
}

const comparisons = {
  above: (value: number, than: number) => value > than,
  atLeast: (value: number, than: number) => value >= than,
  below: (value: number, than: number) => value < than,
  atMost: (value: number, than: number) => value <= than,
} as const;
