import type {
  AttributeCondition,
  PointCondition,
  PointTests,
  ValueCondition,
} from '../spec/point-conditions.js';
import { allOf, anyOf, attributesOf, isPicked, literal, not, numberLiteral } from './ottl.js';

/** What holds for the points that the tests look at. */
function lookedAt({ metrics, where }: PointTests): readonly string[] {
  const comparable = where.some(({ test }) => test === 'value') ? [hasComparableValue] : [];
  const named = metrics === undefined ? [] : [isPicked('metric.name', metrics)];
  return [...named, ...comparable];
}

/** True for a looked-at point for which every condition holds. */
export function pointFits(tests: PointTests): string {
  return allOf([...lookedAt(tests), ...tests.where.map(conditionHolds)]);
}

/** True for a looked-at point for which some condition does not hold. */
export function pointFails(tests: PointTests): string {
  return allOf([...lookedAt(tests), not(allOf(tests.where.map(conditionHolds)))]);
}

const isCounter =
  'metric.type == METRIC_DATA_TYPE_SUM and metric.is_monotonic == true and metric.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE';

const hasComparableValue = allOf([
  'metric.type == METRIC_DATA_TYPE_GAUGE or metric.type == METRIC_DATA_TYPE_SUM',
  `not (${isCounter})`,
  'datapoint.flags == 0',
]);

function conditionHolds(condition: PointCondition): string {
  return condition.test === 'value' ? valueCompares(condition) : attributeIs(condition);
}

function attributeIs(condition: AttributeCondition): string {
  const attribute = `${attributesOf[condition.on]}[${literal(condition.attribute)}]`;
  switch (condition.test) {
    case 'equals':
      return `${attribute} == ${valueLiteral(condition.value)}`;
    case 'oneOf':
      return anyOf(condition.values.map((value) => `${attribute} == ${valueLiteral(value)}`));
    case 'matches':
      return `IsString(${attribute}) and IsMatch(${attribute}, ${literal(condition.pattern)})`;
    case 'present':
      return `${attribute} != nil`;
  }
}

const operators = { above: '>', atLeast: '>=', below: '<', atMost: '<=' } as const;

/** One of the two reads as zero, whichever kind the value is not of, so their sum is the value. */
const value = 'datapoint.value_int + datapoint.value_double';

function valueCompares({ comparison, number }: ValueCondition): string {
  return `${value} ${operators[comparison]} ${numberLiteral(number)}`;
}

function valueLiteral(value: string | boolean | number): string {
  if (typeof value === 'string') return literal(value);
  return typeof value === 'boolean' ? String(value) : numberLiteral(value);
}
