import { z } from 'zod';

/** Half-open interval of time, ISO 8601. */
export const timeWindowSchema = z.object({ from: z.iso.datetime(), to: z.iso.datetime() });
export type TimeWindow = Readonly<z.output<typeof timeWindowSchema>>;

/**
 * `confidence`: an interval that the evidence carries, with its level. `range`: smallest and largest block, which is
 * no confidence interval and must be labelled as such.
 */
export const intervalSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('confidence'), level: z.number(), low: z.number(), high: z.number() }),
  z.object({ kind: z.literal('range'), blocks: z.int(), low: z.number(), high: z.number() }),
]);
export type Interval = Readonly<z.output<typeof intervalSchema>>;

const measuredSchema = z.object({
  value: z.number(),
  unit: z.string(),
  window: timeWindowSchema,
  formulaVersion: z.string(),
  interval: intervalSchema.optional(),
  note: z.string().optional(),
});
const noDataSchema = z.object({ noData: z.literal(true), reason: z.string() });

/** Every number that a user sees: measured, with unit, window and formula, or an honest absence with its reason. */
export const figureSchema = z.union([measuredSchema, noDataSchema]);
export type Figure = z.output<typeof figureSchema>;
export type MeasuredFigure = z.output<typeof measuredSchema>;

/** An absent figure. */
export function noData(reason: string): Figure {
  return { noData: true, reason };
}

/** True when the figure was measured. */
export function isMeasured(figure: Figure): figure is MeasuredFigure {
  return !('noData' in figure);
}
