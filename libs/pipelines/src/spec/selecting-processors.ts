import { z } from 'zod';
import { grouping } from './merging.js';

/** Merges the processes outside the set, so that totals stay true; without it they are dropped. */
const others = grouping.optional();

/** The settings of each kind of set. They are shared by the specification and by what the agent is told. */
export const topKSettings = {
  k: z.int().min(1).max(500),
  rankBy: z.enum(['cpu', 'memory', 'score']),
  marginPercent: z.int().min(0).max(100),
  minSecondsBetweenSwaps: z.int().min(0).max(3600),
  others,
};

export const thresholdSettings = {
  /** A process above either limit is in. Cores as a window's mean and resident bytes; a limit of 0 does not count. */
  cpuCores: z.number().min(0).max(1024),
  memoryBytes: z.int().min(0),
  /** A member leaves where it is below this share of every limit. */
  offPercent: z.int().min(0).max(100),
  /** How long a set stays where nothing has to enter. */
  minSecondsBetweenSwaps: z.int().min(0).max(3600),
  /** Changes of the set in any hour; each costs the start of a collector. */
  maxSwapsPerHour: z.int().min(1).max(60),
  others,
};

export const adaptiveSettings = {
  ...thresholdSettings,
  /** What the limit of a resource is multiplied by while 60 % and while 80 % of that resource are in use. */
  scaling: z
    .strictObject({ busyPercent: z.int().min(100).max(1000), fullPercent: z.int().min(100).max(1000) })
    .readonly(),
  /** Series of individual processes, critical ones counted first; they stay even where they alone are more. */
  maxSeries: z.int().min(1).max(100_000),
  /** At least `min` processes whatever the limits, at most `min` on a calm host and `max` on a fully loaded one. */
  k: z
    .strictObject({ min: z.int().min(1).max(500), max: z.int().min(1).max(500) })
    .readonly()
    .optional(),
};

/** Keeps the processes that are highest in a ranking. */
export const keepTopK = z.strictObject({ kind: z.literal('keepTopK'), ...topKSettings }).readonly();

/** Keeps a process only while it uses more than the limits. */
export const keepAboveThresholds = z
  .strictObject({ kind: z.literal('keepAboveThresholds'), ...thresholdSettings })
  .readonly();

/** Keeps the processes above limits that move with the load of the host, up to a number of series. */
export const keepAdaptive = z
  .strictObject({ kind: z.literal('keepAdaptive'), ...adaptiveSettings })
  .readonly();
