import { attributeValue, type MetricsData, type NumberPoint, type ResourceMetrics } from '#lib/otlp';
import type { ProcessMember } from '../process-rules.js';
import type { RankBy } from '../spec/process-metrics.js';
import type { Ranking, RankedProcess } from './top-k-controller.js';

type Reading = {
  readonly pid: number;
  readonly executable: string;
  /** CPU seconds since the process began, over all states. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Epoch nanoseconds. */
  readonly startedAt: bigint;
  readonly readAt: bigint;
};

type Load = { readonly process: Reading; readonly cores: number };

/** What one process used in a window: the mean of its cores, and its resident bytes at the end. */
export type ProcessUse = ProcessMember & { readonly cores: number; readonly memoryBytes: number };

/** What all processes of a host used in one window. */
export class WindowLoad {
  constructor(private readonly loads: readonly Load[]) {}

  /** Every process of the window with what it used. */
  uses(): readonly ProcessUse[] {
    return this.loads.map(({ cores, process: { pid, executable, memoryBytes } }) => ({
      ...{ pid, executable, memoryBytes, cores },
    }));
  }

  /** Every process of the window with its value. */
  ranking(by: RankBy): Ranking {
    const total = {
      cores: this.loads.reduce((sum, load) => sum + load.cores, 0),
      bytes: this.loads.reduce((sum, { process }) => sum + process.memoryBytes, 0),
    };
    return this.loads.map((load): RankedProcess => {
      const { pid, executable, memoryBytes } = load.process;
      const value: Readonly<Record<RankBy, number>> = {
        cpu: load.cores,
        memory: memoryBytes,
        score: (share(load.cores, total.cores) + share(memoryBytes, total.bytes)) / 2,
      };
      return { pid, executable, value: value[by] };
    });
  }
}

/**
 * Turns what the ranking tap sees into loads. It remembers the last scrape, because CPU use is growth over time; a
 * process seen for the first time is measured since its own start, so even a first scrape ranks all.
 */
export class ProcessLoad {
  private previous: ReadonlyMap<string, Reading> = new Map();
  private newest = new WindowLoad([]);

  /** What the last scrape showed; nobody before the first. */
  get latest(): WindowLoad {
    return this.newest;
  }

  /** Takes one scrape. The tap sends each scrape as one request, since nothing batches it. */
  observe(scrape: MetricsData): WindowLoad {
    const readings = scrape.resourceMetrics.map(reading).filter((found) => found !== undefined);
    const loads = readings.map((process) => ({
      process,
      cores: cores(process, this.previous.get(identity(process))),
    }));
    this.previous = new Map(readings.map((process) => [identity(process), process]));
    this.newest = new WindowLoad(loads);
    return this.newest;
  }
}

function reading({ resource, scopeMetrics }: ResourceMetrics): Reading | undefined {
  const pid = attributeValue(resource.attributes, 'process.pid');
  const executable = attributeValue(resource.attributes, 'process.executable.name');
  if (typeof pid !== 'bigint' || typeof executable !== 'string') return undefined;
  const metrics = scopeMetrics.flatMap((scope) => scope.metrics);
  const pointsOf = (name: string): readonly NumberPoint[] =>
    metrics.flatMap((metric) => (metric.type === 'sum' && metric.name === name ? metric.points : []));
  const cpu = pointsOf('process.cpu.time');
  const memory = pointsOf('process.memory.usage');
  const point = cpu[0] ?? memory[0];
  if (point === undefined) return undefined;
  return {
    pid: Number(pid),
    executable,
    cpuSeconds: total(cpu),
    memoryBytes: total(memory),
    startedAt: point.startTimeUnixNano,
    readAt: point.timeUnixNano,
  };
}

function cores(now: Reading, before: Reading | undefined): number {
  const seconds = Number(now.readAt - (before?.readAt ?? now.startedAt)) / 1e9;
  return seconds > 0 ? Math.max(now.cpuSeconds - (before?.cpuSeconds ?? 0), 0) / seconds : 0;
}

// The pid alone may be reused between two scrapes. The start time is left out: the scraper derives it from the
// boot time, which wavers by a tick or more on some machines.
function identity({ pid, executable }: Reading): string {
  return `${pid} ${executable}`;
}

function total(points: readonly NumberPoint[]): number {
  return points.reduce((sum, { value }) => sum + Number(value ?? 0), 0);
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
