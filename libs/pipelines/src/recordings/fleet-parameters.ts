import { z } from 'zod';
import { processMetricNames, type ProcessMetric } from '../spec/process-metrics.js';

/** Points of one process in one scrape: CPU time by 3 states, disk traffic in 2 directions, the rest has one each. */
const pointsOf: Readonly<Record<ProcessMetric, number>> = {
  'process.cpu.time': 3,
  'process.disk.io': 2,
  'process.memory.usage': 1,
  'process.memory.virtual': 1,
  'process.open_file_descriptors': 1,
  'process.threads': 1,
};

/** The most points that a recording holds; a point takes about 100 bytes as it is sent, and ten times that as objects. */
export const MAX_RECORDING_POINTS = 300_000;

type Scraping = { readonly intervalSeconds: number; readonly seconds: number };

/** What a made-up fleet is made of. Equal parameters make equal bytes. */
export const fleetParametersSchema = z
  .strictObject({
    hosts: z.int().min(1).max(200).default(1),
    /** Places for processes on each host; a place may be empty for a while after a process has ended. */
    processes: z.int().min(1).max(5_000).default(100),
    seed: z.int().min(0).max(4_294_967_295).default(1),
    seconds: z.int().min(10).max(3_600).default(60),
    intervalSeconds: z.int().min(1).max(60).default(10),
    /** How much faster than usual processes come and go; 0 keeps all that are there at the beginning. */
    churn: z.number().min(0).max(20).default(1),
  })
  .refine((fleet) => mostPointsOf(fleet) <= MAX_RECORDING_POINTS, {
    message: `a recording holds at most ${MAX_RECORDING_POINTS} points: hosts × processes × scrapes × 9`,
    path: ['processes'],
  })
  .readonly();
export type FleetParameters = z.infer<typeof fleetParametersSchema>;

/** How many scrapes of each host a recording with these parameters holds. */
export function scrapesOf({ intervalSeconds, seconds }: Scraping): number {
  return Math.max(1, Math.floor(seconds / intervalSeconds));
}

/** The most points that these parameters can give: what they give where every place is taken. */
export function mostPointsOf(
  fleet: Scraping & { readonly hosts: number; readonly processes: number },
): number {
  const ofOneProcess = processMetricNames.reduce((sum, name) => sum + pointsOf[name], 0);
  return fleet.hosts * fleet.processes * scrapesOf(fleet) * ofOneProcess;
}
