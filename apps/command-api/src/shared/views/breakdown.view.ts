import { z } from 'zod';
import { figureSchema, timeWindowSchema } from '#lib/events';

/** What the traffic of an experiment can be broken down by. */
export const breakdownKinds = [
  'metric',
  'executable',
  'attribute',
  'service',
  'namespace',
  'host-group',
] as const;
export type BreakdownKind = (typeof breakdownKinds)[number];

const cellSchema = z.union([
  z.object({ series: figureSchema, pointsPerMinute: figureSchema }),
  z
    .object({ distinctValues: figureSchema })
    .meta({ description: 'Of an attribute key: it has values, and no series of its own.' }),
]);
const rowSchema = z.object({
  name: z.string(),
  baseline: cellSchema,
  candidate: cellSchema,
  reduction: figureSchema.meta({ description: '1 - candidate / baseline, of the series or values.' }),
});

/** The traffic of both variants by name. */
export const breakdownSchema = z.object({
  experiment: z.string(),
  by: z.enum(breakdownKinds),
  label: z
    .string()
    .nullable()
    .meta({ description: 'The label key of the host groups; null for all others.' }),
  window: timeWindowSchema.nullable().meta({ description: 'What the blocks cover; null without a block.' }),
  hosts: z.int().meta({ description: 'Hosts that count in it.' }),
  names: z.int().meta({ description: 'Names that were found, whether they have a row or are in the rest.' }),
  rows: z.array(rowSchema).meta({ description: 'Most in the baseline first.' }),
  rest: rowSchema
    .nullable()
    .meta({ description: 'All other names together, as `(other)`; null where every name has a row.' }),
  unnamed: rowSchema
    .nullable()
    .meta({ description: 'What has no such name, as `(none)`; null where everything has one.' }),
  reason: z.string().nullable().meta({ description: 'Why no name has a row; null where one has.' }),
});
export type Breakdown = Readonly<z.output<typeof breakdownSchema>>;
