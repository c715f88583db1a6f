/**
 * The metrics of the hostmetrics process scraper that pipelines may ask for (Collector 0.149).
 * All of them are additive over processes, which merging relies on; ratios and uptimes are left out for that reason.
 * `onByDefault` is the scraper's own default; the others must be switched on.
 */
export const processMetrics = {
  'process.cpu.time': { onByDefault: true, counter: true },
  'process.memory.usage': { onByDefault: true, counter: false },
  'process.memory.virtual': { onByDefault: true, counter: false },
  'process.disk.io': { onByDefault: true, counter: true },
  'process.threads': { onByDefault: false, counter: false },
  'process.open_file_descriptors': { onByDefault: false, counter: false },
} as const;

export type ProcessMetric = keyof typeof processMetrics;

export const processMetricNames = Object.keys(processMetrics) as readonly ProcessMetric[];

/** Counters only grow during a process's life, so they must be merged by their growth, not by their value. */
export const processCounterNames = processMetricNames.filter((name) => processMetrics[name].counter);

/**
 * How many series the scraper gives of one process at most (Collector 0.149, Linux): CPU time by user, system and
 * wait, disk by read and write.
 */
export function seriesOfProcess(metrics: readonly ProcessMetric[]): number {
  return metrics.reduce((sum, name) => sum + (severalEach[name] ?? 1), 0);
}

const severalEach: Partial<Record<ProcessMetric, number>> = { 'process.cpu.time': 3, 'process.disk.io': 2 };

export type RankBy = 'cpu' | 'memory' | 'score';

/** What the ranking tap must carry so that processes can be ranked. */
export const rankingMetricsOf: Readonly<Record<RankBy, readonly ProcessMetric[]>> = {
  cpu: ['process.cpu.time'],
  memory: ['process.memory.usage'],
  score: ['process.cpu.time', 'process.memory.usage'],
};
