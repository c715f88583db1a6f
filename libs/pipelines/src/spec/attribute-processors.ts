import { z } from 'zod';
import { name, nameSelection } from './naming.js';

/** Attributes of each point, or of the resource that points share. */
const on = z.enum(['point', 'resource']);

/** Takes the named attributes away. Series that only they told apart meet: nothing sums them up. */
export const dropAttributes = z
  .strictObject({ kind: z.literal('dropAttributes'), on, attributes: nameSelection })
  .readonly();

/** Takes all other attributes away. Series that only those told apart meet: nothing sums them up. */
export const keepAttributes = z
  .strictObject({ kind: z.literal('keepAttributes'), on, attributes: nameSelection })
  .readonly();

/**
 * Takes attributes away from points and makes one point of those that are equal then, have the same time and belong
 * to the same resource. Sums are added up, histograms with equal bounds merged, gauges put together as `gauges`
 * says. A total of cumulative series falls when one of them ends; put `cumulativeToDelta` before, where they do.
 * Exponential histograms and summaries keep all their attributes: the collector merges the former wrongly where
 * their buckets begin at different places, and the latter cannot be merged at all.
 */
export const aggregateAttributes = z
  .strictObject({
    kind: z.literal('aggregateAttributes'),
    /** The metrics that are worked on; without it, every metric. */
    metrics: nameSelection.optional(),
    away: nameSelection,
    gauges: z.enum(['mean', 'min', 'max', 'sum']),
  })
  .readonly();

/** A name is renamed once at most, and no new name is renamed or given again. */
const renames = z
  .array(z.strictObject({ from: name, to: name }).readonly())
  .min(1)
  .max(100)
  .readonly()
  .refine((list) => new Set(list.flatMap(({ from, to }) => [from, to])).size === 2 * list.length, {
    message: 'names a name twice',
  });

/** Gives metrics other names. What has one of the new names already stands beside them unchanged. */
export const renameMetrics = z.strictObject({ kind: z.literal('renameMetrics'), renames }).readonly();

/** Gives attributes other keys. What stood under the new key before is overwritten. */
export const renameAttributes = z
  .strictObject({ kind: z.literal('renameAttributes'), on, renames })
  .readonly();
