import { z } from 'zod';
import { nameSelection } from './naming.js';
import { processMetricNames } from './process-metrics.js';
import { systemMetrics, type MetricTraits } from './system-metrics.js';

function isUnique(all: readonly string[]): boolean {
  return new Set(all).size === all.length;
}

/** The metrics that a scraper gives, in the place of those that it gives by itself. */
function metricsOf<Name extends string>(known: Readonly<Record<Name, MetricTraits>>) {
  const names = Object.keys(known).filter((name): name is Name => name in known);
  return z.array(z.enum(names)).min(1).readonly().refine(isUnique, 'names a metric twice').optional();
}

const bySelection = { include: nameSelection.optional(), exclude: nameSelection.optional() };

/** To be included a filesystem must be picked by all that is given here; to be excluded, by any of it. */
const filesystems = z
  .strictObject({
    devices: nameSelection.optional(),
    types: nameSelection.optional(),
    mountPoints: nameSelection.optional(),
  })
  .readonly()
  .refine((given) => Object.keys(given).length > 0, 'names nothing');

/**
 * Scrapers of the machine as a whole. Each may be told which metrics it gives; without that it gives those that are
 * on by default in the collector, which has ratios such as `system.cpu.utilization` switched off.
 */
const systemScrapers = z
  .strictObject({
    /** Seconds by processor and state. */
    cpu: z.strictObject({ metrics: metricsOf(systemMetrics.cpu) }).readonly(),
    /** Load averages, divided by the number of processors where `perProcessor` says so. */
    load: z
      .strictObject({ metrics: metricsOf(systemMetrics.load), perProcessor: z.boolean().optional() })
      .readonly(),
    memory: z.strictObject({ metrics: metricsOf(systemMetrics.memory) }).readonly(),
    /** Block devices, such as `sda`. */
    disk: z.strictObject({ metrics: metricsOf(systemMetrics.disk), ...bySelection }).readonly(),
    /** Mounted filesystems; those without a device, such as tmpfs, only with `virtual`. */
    filesystem: z
      .strictObject({
        metrics: metricsOf(systemMetrics.filesystem),
        include: filesystems.optional(),
        exclude: filesystems.optional(),
        virtual: z.boolean().optional(),
      })
      .readonly(),
    /** Interfaces, such as `eth0`, and connections by state. */
    network: z.strictObject({ metrics: metricsOf(systemMetrics.network), ...bySelection }).readonly(),
    paging: z.strictObject({ metrics: metricsOf(systemMetrics.paging) }).readonly(),
    /** How many processes there are, by state, and how many there have been. */
    processes: z.strictObject({ metrics: metricsOf(systemMetrics.processes) }).readonly(),
    /** How long the machine has been up. */
    system: z.strictObject({ metrics: metricsOf(systemMetrics.system) }).readonly(),
  })
  .partial()
  .readonly()
  .refine((given) => Object.values(given).some((settings) => settings !== undefined), 'names no scraper');

/** What the collector's hostmetrics receiver reads of the machine: processes, the machine as a whole, or both. */
export const hostMetricsSource = z
  .strictObject({
    kind: z.literal('hostmetrics'),
    intervalSeconds: z.int().min(1).max(60),
    /** The metrics of the process scraper; without them processes are not scraped. */
    processMetrics: z.array(z.enum(processMetricNames)).min(1).readonly().optional(),
    /** The machine as a whole; without it nothing but processes. */
    system: systemScrapers.optional(),
  })
  .readonly()
  .refine(({ processMetrics, system }) => processMetrics !== undefined || system !== undefined, {
    path: ['processMetrics'],
    message: 'names nothing to scrape, and no other scraper is named',
  });

export type HostMetricsSource = z.infer<typeof hostMetricsSource>;
