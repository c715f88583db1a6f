/** The default of the scraper, and whether a metric only grows; the others are levels. */
export type MetricTraits = { readonly onByDefault: boolean; readonly counter: boolean };

const counter = { onByDefault: true, counter: true } as const;
const level = { onByDefault: true, counter: false } as const;
const onRequest = { onByDefault: false, counter: false } as const;

/**
 * The metrics of the hostmetrics scrapers that look at the machine as a whole (Collector 0.149), by scraper. Held
 * against the pinned collector's own defaults and against what it sends. The scraper of NFS is left out: where
 * neither client nor server of it runs, it logs an error at every scrape.
 */
export const systemMetrics = {
  cpu: {
    'system.cpu.time': counter,
    'system.cpu.utilization': onRequest,
    'system.cpu.frequency': onRequest,
    'system.cpu.logical.count': onRequest,
    'system.cpu.physical.count': onRequest,
  },
  load: {
    'system.cpu.load_average.1m': level,
    'system.cpu.load_average.5m': level,
    'system.cpu.load_average.15m': level,
  },
  memory: {
    'system.memory.usage': level,
    'system.memory.utilization': onRequest,
    'system.memory.limit': onRequest,
    'system.memory.page_size': onRequest,
    'system.linux.memory.available': onRequest,
    'system.linux.memory.dirty': onRequest,
    'system.memory.linux.shared': onRequest,
    'system.memory.linux.hugepages.limit': onRequest,
    'system.memory.linux.hugepages.page_size': onRequest,
    'system.memory.linux.hugepages.reserved': onRequest,
    'system.memory.linux.hugepages.surplus': onRequest,
    'system.memory.linux.hugepages.usage': onRequest,
    'system.memory.linux.hugepages.utilization': onRequest,
  },
  disk: {
    'system.disk.io': counter,
    'system.disk.io_time': counter,
    'system.disk.merged': counter,
    'system.disk.operation_time': counter,
    'system.disk.operations': counter,
    'system.disk.pending_operations': level,
    'system.disk.weighted_io_time': counter,
  },
  filesystem: {
    'system.filesystem.usage': level,
    'system.filesystem.inodes.usage': level,
    'system.filesystem.utilization': onRequest,
  },
  network: {
    'system.network.io': counter,
    'system.network.packets': counter,
    'system.network.errors': counter,
    'system.network.dropped': counter,
    'system.network.connections': level,
    'system.network.conntrack.count': onRequest,
    'system.network.conntrack.max': onRequest,
  },
  paging: {
    'system.paging.faults': counter,
    'system.paging.operations': counter,
    'system.paging.usage': level,
    'system.paging.utilization': onRequest,
  },
  processes: { 'system.processes.count': level, 'system.processes.created': counter },
  system: { 'system.uptime': level },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MetricTraits>>>>;

export type SystemScraper = keyof typeof systemMetrics;

export const systemScrapers = Object.keys(systemMetrics) as readonly SystemScraper[];

/** The metrics of one scraper, by name. */
export function metricsOfScraper(scraper: SystemScraper): Readonly<Record<string, MetricTraits>> {
  return systemMetrics[scraper];
}

/** What a scraper gives: what it was asked for, or what it gives by itself. */
export function givenBy(scraper: SystemScraper, asked: readonly string[] | undefined): readonly string[] {
  if (asked !== undefined) return asked;
  return Object.entries(metricsOfScraper(scraper)).flatMap(([name, { onByDefault }]) =>
    onByDefault ? [name] : [],
  );
}

export const systemMetricNames: readonly string[] = systemScrapers.flatMap((scraper) =>
  Object.keys(metricsOfScraper(scraper)),
);
