import { z } from 'zod';
import { previewReportSchema } from './loss-report.js';
import { collectorVariantSchema } from './variant.js';

/** Null where there was no data: never a zero that nobody measured. */
const measured = z.number().nullable();

const figuresSchema = z.object({
  /** Seconds in which the meter watched this collector. */
  coveredSeconds: z.number(),
  /** Distinct series of a window; of the whole run, their mean over windows with points. */
  series: measured,
  points: measured,
  /** Uncompressed OTLP bytes. */
  bytes: measured,
  cpuSeconds: measured,
  /** The highest sample of resident memory. */
  rssBytes: measured,
});
export type PreflightFigures = Readonly<z.output<typeof figuresSchema>>;

const variantReportSchema = z.object({
  variant: collectorVariantSchema,
  configHash: z.string(),
  /** `refused`: the collector would not run it, for `reason`. `failed`: it ran, and broke off for `reason`. */
  verdict: z.enum(['ran', 'refused', 'failed']),
  reason: z.string().nullable(),
  windows: z.array(figuresSchema.extend({ start: z.iso.datetime() })),
  total: figuresSchema,
  /** By executable, the most points first; those left out of the list are counted. */
  processes: z.array(z.object({ name: z.string(), points: z.number(), series: z.number() })),
  moreProcesses: z.int(),
});
export type PreflightVariant = Readonly<z.output<typeof variantReportSchema>>;

/** Shares by which the candidate is below the baseline; negative where it is above. */
const comparisonSchema = z.object({
  reduction: z.object({ series: measured, points: measured, bytes: measured }),
  /** Executables that the baseline showed and the candidate did not; those left out of the list are counted. */
  lost: z.array(z.string()),
  moreLost: z.int(),
  /** The critical ones among them, all of them. */
  lostCritical: z.array(z.string()),
});
export type PreflightComparison = Readonly<z.output<typeof comparisonSchema>>;

/** The detail of a `Preflight` that is done, as JSON. */
export const preflightReportSchema = z.object({
  kind: z.literal('preflight'),
  /** What ran the pipelines. */
  collector: z.object({ kind: z.enum(['otelcol', 'builtin']), version: z.string() }),
  variants: z.array(variantReportSchema),
  /** Null unless both variants were measured. */
  comparison: comparisonSchema.nullable(),
  /** What would be lost, of what both exported. Null without a comparison; agents before this field send none. */
  card: previewReportSchema.nullable().default(null),
});
export type PreflightReport = Readonly<z.output<typeof preflightReportSchema>>;

/** Reads the detail of a result; undefined when it is no report. */
export function readPreflightReport(detail: string): PreflightReport | undefined {
  return preflightReportSchema.safeParse(parsed(detail)).data;
}

/** The detail of a `Simulate` that is done, as JSON. */
export const simulationReportSchema = z.object({
  kind: z.literal('simulation'),
  profile: z.string(),
  /** How long it ran. */
  seconds: z.number(),
  /** Processes that were started, and how many executables they had. */
  processes: z.int(),
  executables: z.int(),
  /** How many of them ended before they were told to, for example at a limit of theirs. */
  endedEarly: z.int(),
  /** As far as the last look at each process, a second before its end at most. */
  cpuSeconds: z.number(),
  classes: z.array(z.object({ name: z.string(), processes: z.int(), cpuSeconds: z.number() })),
  /** What all processes together could not exceed. */
  bounds: z.object({ cores: z.number(), memoryBytes: z.number() }),
  user: z.string(),
});
export type SimulationReport = Readonly<z.output<typeof simulationReportSchema>>;

/** Reads the detail of a result; undefined when it is no report. */
export function readSimulationReport(detail: string): SimulationReport | undefined {
  return simulationReportSchema.safeParse(parsed(detail)).data;
}

function parsed(detail: string): unknown {
  try {
    return JSON.parse(detail);
  } catch {
    return undefined;
  }
}
