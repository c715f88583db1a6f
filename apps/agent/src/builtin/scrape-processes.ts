import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Attribute, Metric, MetricsData, NumberPoint, ResourceMetrics } from '#lib/otlp';
import type { ProcessMetric } from '#lib/pipelines';
import {
  listPids,
  PAGE_BYTES,
  readArguments,
  readStat,
  readText,
  type ProcessStat,
} from '../machine/proc.js';

/** The scope under which the collector's process scraper reports (0.149); the same, so that series are the same. */
const SCOPE =
  'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver/internal/scraper/processscraper';
/** The kernel cuts names here. */
const NAME_LENGTH = 15;

type Reading = { readonly value: number | bigint; readonly attribute?: readonly [string, string] };
type Scraped = { readonly stat: ProcessStat; readonly pid: number };
type Reader = {
  readonly description: string;
  readonly unit: string;
  readonly monotonic: boolean;
  readonly read: (process: Scraped) => readonly Reading[];
};

/** Names, units, kinds and attributes are those of the collector's process scraper. */
const readers: Readonly<Record<ProcessMetric, Reader>> = {
  'process.cpu.time': {
    ...{ description: 'Total CPU seconds broken down by different states.', unit: 's', monotonic: true },
    read: ({ stat }) => [
      { value: stat.systemSeconds, attribute: ['state', 'system'] },
      { value: stat.userSeconds, attribute: ['state', 'user'] },
      { value: stat.waitSeconds, attribute: ['state', 'wait'] },
    ],
  },
  'process.memory.usage': {
    ...{ description: 'The amount of physical memory in use.', unit: 'By', monotonic: false },
    read: ({ pid }) => residentMemory(pid),
  },
  'process.memory.virtual': {
    ...{ description: 'Virtual memory size.', unit: 'By', monotonic: false },
    read: ({ stat }) => [{ value: BigInt(stat.virtualBytes) }],
  },
  'process.disk.io': {
    ...{ description: 'Disk bytes transferred.', unit: 'By', monotonic: true },
    read: ({ pid }) => diskIo(pid),
  },
  'process.threads': {
    ...{ description: 'Process threads count.', unit: '{threads}', monotonic: false },
    read: ({ stat }) => [{ value: BigInt(stat.threads) }],
  },
  'process.open_file_descriptors': {
    ...{
      description: 'Number of file descriptors in use by the process.',
      unit: '{count}',
      monotonic: false,
    },
    read: ({ pid }) => openFiles(pid),
  },
};

/** Reads the given metrics of every process, as the collector's process scraper does. `at` is ms since the epoch. */
export function scrapeProcesses(metrics: readonly ProcessMetric[], at: number): MetricsData {
  const time = BigInt(Math.round(at)) * 1_000_000n;
  const resourceMetrics: ResourceMetrics[] = [];
  for (const pid of listPids()) {
    const stat = readStat(pid);
    if (stat !== undefined) resourceMetrics.push(processMetrics({ stat, pid }, metrics, time));
  }
  return { resourceMetrics };
}

function processMetrics(scraped: Scraped, names: readonly ProcessMetric[], time: bigint): ResourceMetrics {
  const startTimeUnixNano = BigInt(Math.round(bootMs + scraped.stat.startSeconds * 1000)) * 1_000_000n;
  const metrics = names.map((name): Metric => {
    const { description, monotonic, read, unit } = readers[name];
    const points = read(scraped).map(({ attribute, value }): NumberPoint => ({
      attributes: attribute === undefined ? [] : [{ key: attribute[0], value: attribute[1] }],
      ...{ startTimeUnixNano, timeUnixNano: time, flags: 0, value, exemplars: [] },
    }));
    return {
      name,
      description,
      unit,
      metadata: [],
      type: 'sum',
      temporality: 'cumulative',
      monotonic,
      points,
    };
  });
  return {
    resource: { attributes: resourceOf(scraped), droppedAttributesCount: 0 },
    schemaUrl: '',
    scopeMetrics: [
      {
        scope: { name: SCOPE, version: '', attributes: [], droppedAttributesCount: 0 },
        metrics: metrics.filter(({ points }) => points.length > 0),
        schemaUrl: '',
      },
    ],
  };
}

function resourceOf({ pid, stat }: Scraped): readonly Attribute[] {
  const words = readArguments(pid);
  const path = link(`/proc/${pid}/exe`);
  return [
    { key: 'process.pid', value: BigInt(pid) },
    { key: 'process.parent_pid', value: BigInt(stat.parentPid) },
    { key: 'process.executable.name', value: executableName(stat.name, words[0] ?? '') },
    { key: 'process.executable.path', value: path },
    { key: 'process.command', value: words[0] ?? '' },
    { key: 'process.command_line', value: words.join(' ') },
    { key: 'process.owner', value: ownerOf(pid) },
  ];
}

/** A cut name is completed from the first argument, where that begins with it. */
export function executableName(name: string, firstArgument: string): string {
  const full = basename(firstArgument);
  return name.length >= NAME_LENGTH && full.startsWith(name) ? full : name;
}

/** Of statm, as the collector reads it: the count in `stat` lags behind by some pages for each processor. */
function residentMemory(pid: number): readonly Reading[] {
  const pages = readText(`/proc/${pid}/statm`)?.split(' ')[1];
  return pages === undefined ? [] : [{ value: BigInt(pages) * BigInt(PAGE_BYTES) }];
}

/** The collector counts what a process read and wrote, whether the page cache or the disk served it. */
function diskIo(pid: number): readonly Reading[] {
  const text = readText(`/proc/${pid}/io`);
  const bytes = (field: string): bigint =>
    BigInt(new RegExp(`^${field}: (\\d+)$`, 'm').exec(text ?? '')?.[1] ?? 0);
  if (text === undefined) return [];
  return [
    { value: bytes('rchar'), attribute: ['direction', 'read'] },
    { value: bytes('wchar'), attribute: ['direction', 'write'] },
  ];
}

function openFiles(pid: number): readonly Reading[] {
  try {
    return [{ value: BigInt(readdirSync(`/proc/${pid}/fd`).length) }];
  } catch {
    return [];
  }
}

function ownerOf(pid: number): string {
  try {
    const { uid } = statSync(`/proc/${pid}`);
    return userNames().get(uid) ?? String(uid);
  } catch {
    return '';
  }
}

let users: ReadonlyMap<number, string> | undefined;

function userNames(): ReadonlyMap<number, string> {
  users ??= new Map(
    (readText('/etc/passwd') ?? '')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length > 2)
      .map(([name = '', , uid]) => [Number(uid), name]),
  );
  return users;
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/**
 * The kernel makes it anew from its clock with every reading, and it wavers by a second. The start of a process tells
 * its series from others, so it is read once.
 */
const bootMs = bootTimeMs();

function bootTimeMs(): number {
  const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  return Number(seconds ?? 0) * 1000;
}
