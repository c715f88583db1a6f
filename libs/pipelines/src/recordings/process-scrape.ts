import type { Attribute, Metric, NumberPoint, Resource, ResourceMetrics } from '#lib/otlp';
import { processMetrics, type ProcessMetric } from '../spec/process-metrics.js';
import type { ProcessFigures } from './process-figures.js';
import type { ProcessLife } from './process-lives.js';

/** Scope and schema under which the process scraper of the pinned collector (0.149) reports. */
const SCOPE = {
  name: 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver/internal/scraper/processscraper',
  version: '0.149.0',
  attributes: [],
  droppedAttributesCount: 0,
};
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.9.0';

type Reader = {
  readonly name: ProcessMetric;
  readonly description: string;
  readonly unit: string;
  /** Each point: its attributes, the same objects in every scrape, and its value. */
  readonly points: readonly {
    readonly attributes: readonly Attribute[];
    readonly value: (figures: ProcessFigures) => number | bigint;
  }[];
};

const state = (value: string): readonly Attribute[] => [{ key: 'state', value }];
const direction = (value: string): readonly Attribute[] => [{ key: 'direction', value }];

/** Descriptions, units, attributes and order as the scraper has them. */
const readers: readonly Reader[] = [
  {
    ...{ name: 'process.cpu.time', unit: 's' },
    description: 'Total CPU seconds broken down by different states.',
    points: [
      { attributes: state('user'), value: ({ userSeconds }) => userSeconds },
      { attributes: state('system'), value: ({ systemSeconds }) => systemSeconds },
      { attributes: state('wait'), value: ({ waitSeconds }) => waitSeconds },
    ],
  },
  {
    ...{ name: 'process.disk.io', unit: 'By', description: 'Disk bytes transferred.' },
    points: [
      { attributes: direction('read'), value: ({ readBytes }) => readBytes },
      { attributes: direction('write'), value: ({ writtenBytes }) => writtenBytes },
    ],
  },
  {
    ...{ name: 'process.memory.usage', unit: 'By', description: 'The amount of physical memory in use.' },
    points: [{ attributes: [], value: ({ residentBytes }) => residentBytes }],
  },
  {
    ...{ name: 'process.memory.virtual', unit: 'By', description: 'Virtual memory size.' },
    points: [{ attributes: [], value: ({ virtualBytes }) => virtualBytes }],
  },
  {
    ...{ name: 'process.open_file_descriptors', unit: '{count}' },
    description: 'Number of file descriptors in use by the process.',
    points: [{ attributes: [], value: ({ files }) => files }],
  },
  {
    ...{ name: 'process.threads', unit: '{threads}', description: 'Process threads count.' },
    points: [{ attributes: [], value: ({ threads }) => threads }],
  },
];

const none: readonly never[] = [];

/** When a process began and when it was read, epoch nanoseconds. */
export type ScrapeTimes = { readonly start: bigint; readonly read: bigint };

/** What the process scraper sends of one process, whose resource is `resourceOf`. */
export function processResource(
  resource: Resource,
  figures: ProcessFigures,
  { read, start }: ScrapeTimes,
): ResourceMetrics {
  // Written out field by field: a spread for each point would take most of the time of making a fleet up.
  const metrics = readers.map(({ description, name, points, unit }): Metric => ({
    name,
    description,
    unit,
    metadata: none,
    type: 'sum',
    temporality: 'cumulative',
    monotonic: processMetrics[name].counter,
    points: points.map(({ attributes, value }): NumberPoint => ({
      attributes,
      startTimeUnixNano: start,
      timeUnixNano: read,
      flags: 0,
      value: value(figures),
      exemplars: none,
    })),
  }));
  return { resource, scopeMetrics: [{ scope: SCOPE, metrics, schemaUrl: '' }], schemaUrl: SCHEMA_URL };
}

/** Who a process is, as the scraper tells it: the same in every scrape. */
export function resourceOf({ executable, number, parentPid, pid }: ProcessLife): Resource {
  const numbered = (text: string): string => text.replace('{}', String(number));
  const { owner, path } = executable;
  const attributes: readonly Attribute[] = [
    { key: 'process.pid', value: BigInt(pid) },
    { key: 'process.parent_pid', value: BigInt(parentPid) },
    { key: 'process.executable.name', value: numbered(executable.name) },
    { key: 'process.executable.path', value: path },
    { key: 'process.command', value: path },
    { key: 'process.command_line', value: `${path} ${numbered(executable.arguments)}`.trim() },
    { key: 'process.owner', value: owner },
  ];
  return { attributes, droppedAttributesCount: 0 };
}
