import { z } from 'zod';
import { attributeText, name, nameSelection, pattern } from './naming.js';

/** An attribute of the point itself or of the resource that it belongs to. */
const attributeTest = { on: z.enum(['point', 'resource']), attribute: name };

/** A number equals integers and doubles of the same value; `'1'`, `1` and `true` are three different values. */
const attributeValue = z.union([attributeText, z.boolean(), z.number()]);

const equals = z
  .strictObject({ test: z.literal('equals'), ...attributeTest, value: attributeValue })
  .readonly();

const oneOf = z
  .strictObject({
    test: z.literal('oneOf'),
    ...attributeTest,
    values: z.array(attributeValue).min(1).max(200).readonly(),
  })
  .readonly();

/** Holds for texts only, never for numbers or lists, however they would be written. */
const matches = z.strictObject({ test: z.literal('matches'), ...attributeTest, pattern }).readonly();

/** An attribute without a value, or of no bytes, counts as absent, as it does in the collector. */
const present = z.strictObject({ test: z.literal('present'), ...attributeTest }).readonly();

/**
 * Compares the value of a point. Only gauges and sums have one to compare, and of those not the monotonic cumulative
 * sums: what a counter has reached since some start says nothing about now. Put `cumulativeToDelta` before to compare
 * its growth. NaN is neither above nor below anything.
 */
const value = z
  .strictObject({
    test: z.literal('value'),
    comparison: z.enum(['above', 'atLeast', 'below', 'atMost']),
    number: z.number(),
  })
  .readonly();

const pointCondition = z.discriminatedUnion('test', [equals, oneOf, matches, present, value]);

const pointTests = {
  /** The metrics whose points are looked at; without it, those of every metric. */
  metrics: nameSelection.optional(),
  /** All of them must hold. A list with a `value` test leaves points that have no comparable value, or a flag, alone. */
  where: z.array(pointCondition).min(1).max(20).readonly(),
};

/** Lets only those of the looked-at points pass for which the conditions hold. */
export const keepPoints = z.strictObject({ kind: z.literal('keepPoints'), ...pointTests }).readonly();

/** Takes the points out for which the conditions hold. */
export const dropPoints = z.strictObject({ kind: z.literal('dropPoints'), ...pointTests }).readonly();

export type PointCondition = z.infer<typeof pointCondition>;
export type AttributeCondition = Exclude<PointCondition, { test: 'value' }>;
export type ValueCondition = Extract<PointCondition, { test: 'value' }>;
export type PointTests = Pick<z.infer<typeof keepPoints>, 'metrics' | 'where'>;
