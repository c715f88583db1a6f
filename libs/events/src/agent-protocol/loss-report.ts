import { z } from 'zod';

const count = z.int().min(0);
const names = z.array(z.string()).readonly();

const figures = z
  .strictObject({
    /** Distinct series over the whole recording. */
    series: count,
    /** Distinct series of a minute on average, which vendors bill by; `null` where less than a minute was recorded. */
    seriesPerMinute: z.number().nullable(),
    points: count,
    pointsPerMinute: z.number(),
    /** Of the exports before compression. */
    bytes: count,
    processes: count,
  })
  .readonly();

/** 1 - candidate / baseline; `null` where the baseline has none. */
const share = z.number().nullable();
const seriesAndPoints = z.strictObject({ series: z.int(), points: z.int() }).readonly();
const byVariant = z.strictObject({ baseline: count, candidate: count }).readonly();

/**
 * `kept`: as many processes as before; `partly`: some are gone; `merged`: none of its own, but its executable is still
 * named; `lost`: it is not in the candidate at all.
 */
const outcome = z.enum(['kept', 'partly', 'merged', 'lost']);

const place = z.enum(['resource', 'point']);

/** What would be lost, by name: the same shape whether it was previewed or measured by a preflight. */
export const previewReportSchema = z
  .strictObject({
    data: z
      .strictObject({
        kind: z.enum(['captured', 'generated']),
        source: z.string(),
        hosts: count,
        windows: count,
        intervalSeconds: z.number(),
        durationSeconds: z.number(),
      })
      .readonly(),
    baseline: figures,
    candidate: figures,
    reduction: z.strictObject({ series: share, points: share, bytes: share }).readonly(),
    processes: z
      .strictObject({
        lost: count,
        executables: z
          .array(z.strictObject({ name: z.string(), processes: byVariant, outcome }).readonly())
          .readonly(),
      })
      .readonly(),
    critical: z
      .array(
        z
          .strictObject({
            name: z.string(),
            processes: byVariant,
            outcome: z.enum([...outcome.options, 'not-recorded']),
          })
          .readonly(),
      )
      .readonly(),
    metrics: z.strictObject({ lost: names, added: names }).readonly(),
    attributes: z
      .strictObject({
        lost: z.array(z.strictObject({ on: place, name: z.string() }).readonly()).readonly(),
        added: z.array(z.strictObject({ on: place, name: z.string() }).readonly()).readonly(),
      })
      .readonly(),
    /** Both lists add up to the whole reduction, in series; negative where the candidate has more. */
    attribution: z
      .strictObject({
        metrics: z
          .array(
            z
              .strictObject({
                name: z.string(),
                baseline: seriesAndPoints,
                candidate: seriesAndPoints,
                saved: seriesAndPoints,
              })
              .readonly(),
          )
          .readonly(),
        /** Series without any attribute: one for each metric. */
        metricsAlone: z.strictObject({ series: byVariant, saved: z.int() }).readonly(),
        /**
         * In this order each attribute is charged with the series that it tells apart beyond those before it; in the
         * baseline attributes with few values come first.
         */
        attributes: z
          .array(
            z
              .strictObject({
                ...{ on: place, name: z.string() },
                ...{ values: byVariant, series: byVariant, saved: z.int() },
              })
              .readonly(),
          )
          .readonly(),
      })
      .readonly(),
    limits: z.array(z.strictObject({ code: z.string(), text: z.string() }).readonly()).readonly(),
  })
  .readonly();

/** What two pipelines would make of the same recording, and what would be lost from the one to the other. */
export type PreviewReport = z.infer<typeof previewReportSchema>;
export type PreviewFigures = PreviewReport['baseline'];
export type PreviewOutcome = z.infer<typeof outcome>;
