import type { HostMetricsSource } from '../spec/hostmetrics-source.js';
import type { NameSelection } from '../spec/naming.js';
import { processMetrics, type ProcessMetric } from '../spec/process-metrics.js';
import {
  metricsOfScraper,
  systemScrapers,
  type MetricTraits,
  type SystemScraper,
} from '../spec/system-metrics.js';
import { plainText, type Settings } from './collector-config.js';

/** The settings of the receiver that reads the machine. */
export function hostMetrics({ intervalSeconds, processMetrics: asked, system }: HostMetricsSource): Settings {
  return {
    collection_interval: `${intervalSeconds}s`,
    scrapers: {
      ...(asked !== undefined && { process: processScraper(asked) }),
      ...(system && ofSystem(system)),
    },
  };
}

function processScraper(asked: readonly ProcessMetric[]): Settings {
  return {
    // Processes that exit during a scrape are errors to the scraper and everyday life to us; what is
    // truly missing shows in the coverage that the meter counts.
    mute_process_all_errors: true,
    ...switches(processMetrics, asked),
  };
}

type System = NonNullable<HostMetricsSource['system']>;
type SettingsOf<S extends SystemScraper> = NonNullable<System[S]>;

function ofSystem(system: System): Settings {
  const own = ownSettings(system);
  const named = systemScrapers.filter((scraper) => system[scraper] !== undefined);
  return Object.fromEntries(
    named.map((scraper) => {
      const asked: readonly string[] | undefined = system[scraper]?.metrics;
      return [scraper, { ...own[scraper], ...switches(metricsOfScraper(scraper), asked) }];
    }),
  );
}

/** What scrapers are told besides their metrics. */
function ownSettings({ disk, filesystem, load, network }: System): Partial<Record<SystemScraper, Settings>> {
  return {
    ...(load?.perProcessor !== undefined && { load: { cpu_average: load.perProcessor } }),
    ...(disk && { disk: chosen(disk, 'devices') }),
    ...(network && { network: chosen(network, 'interfaces') }),
    ...(filesystem && { filesystem: chosenFilesystems(filesystem) }),
  };
}

function chosen({ exclude, include }: SettingsOf<'disk' | 'network'>, key: string): Settings {
  return {
    ...(include && { include: matching(key, include) }),
    ...(exclude && { exclude: matching(key, exclude) }),
  };
}

function chosenFilesystems({ exclude, include, virtual }: SettingsOf<'filesystem'>): Settings {
  const filters = (way: string, given: SettingsOf<'filesystem'>['include']): Settings => ({
    ...(given?.devices && { [`${way}_devices`]: matching('devices', given.devices) }),
    ...(given?.types && { [`${way}_fs_types`]: matching('fs_types', given.types) }),
    ...(given?.mountPoints && { [`${way}_mount_points`]: matching('mount_points', given.mountPoints) }),
  });
  return {
    ...(virtual !== undefined && { include_virtual_filesystems: virtual }),
    ...filters('include', include),
    ...filters('exclude', exclude),
  };
}

/** A filter takes either names or patterns; where both are given, the names become patterns that fit nothing else. */
function matching(key: string, { names, patterns }: NameSelection): Settings {
  if (patterns.length === 0) return { match_type: 'strict', [key]: names.map(plainText) };
  return { match_type: 'regexp', [key]: [...names.map(exactly), ...patterns].map(plainText) };
}

function exactly(name: string): string {
  return `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
}

/** What is switched against the scraper's own default. */
function switches(
  known: Readonly<Record<string, MetricTraits>>,
  asked: readonly string[] | undefined,
): Settings {
  if (asked === undefined) return {};
  const switched = Object.entries(known)
    .map(([name, { onByDefault }]) => ({ name, onByDefault, enabled: asked.includes(name) }))
    .filter(({ enabled, onByDefault }) => enabled !== onByDefault)
    .map(({ enabled, name }) => [name, { enabled }] as const);
  return switched.length === 0 ? {} : { metrics: Object.fromEntries(switched) };
}
