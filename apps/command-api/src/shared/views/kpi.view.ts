import { z } from 'zod';
import { figureSchema, timeWindowSchema } from '#lib/events';
import { timestamp } from './common.view.js';

const pair = z.object({ baseline: figureSchema, candidate: figureSchema });
const collectorUseSchema = z.object({
  cpu: figureSchema.meta({ description: 'Cores of one collector.' }),
  memory: figureSchema.meta({ description: 'Bytes; the 95th percentile of the windows.' }),
});

/** Price of a month under one tariff. */
const costSchema = z.object({
  tariff: z.string(),
  name: z.string(),
  source: z.string().meta({ description: 'Where the vendor publishes it.' }),
  asOf: z.iso.date().meta({ description: 'Day on which it was read there.' }),
  baseline: figureSchema,
  candidate: figureSchema,
  saving: figureSchema,
});
export type Cost = Readonly<z.output<typeof costSchema>>;

/** The figures of an experiment: each is measured, with unit, window and formula, or says why there is none. */
export const kpisSchema = z.object({
  experiment: z.string(),
  window: timeWindowSchema.nullable().meta({ description: 'What the blocks cover; null without a block.' }),
  hosts: z.int().meta({ description: 'Hosts with at least one block.' }),
  windows: z.int().meta({ description: 'Windows of 10 s that count.' }),
  gapSeconds: z
    .number()
    .meta({ description: 'Seconds of the blocks that nobody watched, both variants together.' }),
  series: pair.extend({ reduction: figureSchema }),
  pointsPerMinute: pair,
  uniqueSeries: pair.meta({
    description:
      'Distinct series over all minutes that ended in the window, united on each host and summed over hosts.',
  }),
  churn: pair.meta({
    description:
      'Series that appeared per covered hour: on each host those of the whole window that were not in its first block.',
  }),
  bytesPerMinute: pair.meta({ description: 'Uncompressed OTLP.' }),
  wireBytesPerMinute: pair.meta({
    description: 'As it came over the wire to the meter; no data where that is not compressed.',
  }),
  drops: z.object({ perMinute: pair, share: pair }).meta({
    description: 'Points that a receiver or queue refused or an exporter gave up; filtering is none.',
  }),
  coverage: z.object({
    processes: figureSchema.meta({ description: 'Weighted by CPU and memory.' }),
    critical: figureSchema.meta({ description: 'Strict, over the critical list.' }),
    criticalProcesses: z
      .object({
        inBoth: z.array(z.string()),
        lost: z.array(z.string()),
        neverSeen: z.array(z.string()),
      })
      .meta({ description: 'The critical list by name; lost: a block shows it in the baseline alone.' }),
    lost: z
      .array(z.object({ name: z.string(), series: z.int() }))
      .max(5)
      .meta({ description: 'Executables that lost the most series, by name.' }),
  }),
  collector: z.object({ baseline: collectorUseSchema, candidate: collectorUseSchema }),
  cost: z.array(costSchema),
  blocks: z
    .array(
      z.object({
        start: timestamp,
        seconds: z.int(),
        baseline: z.number().nullable(),
        candidate: z.number().nullable(),
      }),
    )
    .meta({
      description: 'Active series by block of time, all hosts together; null where a host is missing.',
    }),
});
export type Kpis = Readonly<z.output<typeof kpisSchema>>;

/** The cost part alone, with the projection to the fleet that is labelled as such. */
export const costAnalysisSchema = z.object({
  experiment: z.string(),
  hosts: z.int().meta({ description: 'Hosts that were measured.' }),
  measured: z.array(costSchema).meta({ description: 'Of the measured hosts together.' }),
  fleet: z.object({
    hosts: z.int().meta({ description: 'Enrolled hosts that are not revoked.' }),
    projected: z
      .array(costSchema)
      .meta({ description: 'Projection, not measured: as if every host were like these.' }),
  }),
});
export type CostAnalysis = Readonly<z.output<typeof costAnalysisSchema>>;
