import type { MetricInfo, PointView } from '#lib/otlp';
import { MAX_PROCESSES, PROCESS_FORGOTTEN_MS } from './limits.js';
import type { ProcessIdentity } from './process-identity.js';

/** What one process used lately. `cpu` is in cores (seconds per second), without waiting. */
export type ProcessScore = {
  readonly key: { readonly pid: number | null; readonly executable: string; readonly startedAt: number };
  readonly cpu: number;
  readonly rss: number;
};

/** The CPU seconds of one mode between two samples; from the start of the process until a second one came. */
type ModeSample = {
  readonly mode: string;
  fromMs: number;
  fromSeconds: number;
  toMs: number;
  toSeconds: number;
};

type TrackedProcess = {
  readonly pid: number | null;
  readonly executable: string;
  startedAt: number;
  modes: ModeSample[];
  rss: number;
  seenAt: number;
};

const CPU_TIME = 'process.cpu.time';
/** The second is the name that the collector used before semantic conventions 1.20. */
const MEMORY = new Set(['process.memory.usage', 'process.memory.physical_usage']);
/** Waiting for a disk is not use of a core. */
const WAITING = 'wait';
/** Boot time is read with jitter, so a start may move a little; a real restart moves it further. */
const SAME_START_MS = 2_000;
/** user, system, wait, and room for the finer modes of newer conventions. */
const MAX_MODES = 10;

/**
 * Follows CPU and memory of the processes that a stream of process metrics describes. Cumulative CPU time
 * becomes a rate between the last two samples; a repeated request changes nothing. Bounded by `MAX_PROCESSES`.
 */
export class ProcessUsage {
  private readonly processes = new Map<string, TrackedProcess>();

  /** True where a metric says something about use, so that callers can skip all others cheaply. */
  static follows(metric: MetricInfo): boolean {
    return metric.name === CPU_TIME || MEMORY.has(metric.name);
  }

  /** Takes one point of a metric that `follows`; `at` is when it arrived. */
  observe(identity: ProcessIdentity, metric: MetricInfo, point: PointView, at: number): void {
    if (identity.executable === '' || Number.isNaN(point.value)) return;
    const process = this.process(identity, at);
    if (process === undefined) return;
    process.seenAt = at;
    if (metric.name === CPU_TIME) observeCpu(process, point, metric.temporality === 'delta');
    else process.rss = point.value;
  }

  /** All processes heard of lately, busiest first; ties by memory, then by executable and pid. */
  scores(at: number): ProcessScore[] {
    this.forget(at);
    return [...this.processes.values()].map(scoreOf).sort(
      (a, b) =>
        b.cpu - a.cpu ||
        b.rss - a.rss ||
        // Code units, not a locale: every host must order alike.
        Number(a.key.executable > b.key.executable) - Number(a.key.executable < b.key.executable) ||
        (a.key.pid ?? 0) - (b.key.pid ?? 0),
    );
  }

  private process({ pid, executable }: ProcessIdentity, at: number): TrackedProcess | undefined {
    const key = `${pid ?? ''}|${executable}`;
    const found = this.processes.get(key);
    if (found !== undefined) return found;
    if (this.processes.size >= MAX_PROCESSES) this.forget(at);
    if (this.processes.size >= MAX_PROCESSES) return undefined;
    const fresh = { pid, executable, startedAt: 0, modes: [], rss: 0, seenAt: at };
    this.processes.set(key, fresh);
    return fresh;
  }

  private forget(at: number): void {
    for (const [key, { seenAt }] of this.processes) {
      if (at - seenAt > PROCESS_FORGOTTEN_MS) this.processes.delete(key);
    }
  }
}

function observeCpu(process: TrackedProcess, point: PointView, isDelta: boolean): void {
  const mode = modeOf(point);
  if (mode === WAITING) return;
  if (!isDelta && Math.abs(point.startTimeMs - process.startedAt) > SAME_START_MS) {
    // Another process took the pid.
    process.startedAt = point.startTimeMs;
    process.modes = [];
  }
  const known = process.modes.find((sample) => sample.mode === mode);
  if (known === undefined) {
    if (process.modes.length < MAX_MODES) process.modes.push(sinceStart(mode, point));
  } else if (point.timeMs > known.toMs) {
    const restarted = isDelta || point.value < known.toSeconds;
    known.fromMs = restarted ? point.startTimeMs : known.toMs;
    known.fromSeconds = restarted ? 0 : known.toSeconds;
    known.toMs = point.timeMs;
    known.toSeconds = point.value;
  }
}

function sinceStart(mode: string, point: PointView): ModeSample {
  return { mode, fromMs: point.startTimeMs, fromSeconds: 0, toMs: point.timeMs, toSeconds: point.value };
}

/** `state` is the collector's name, `cpu.mode` the newer one. */
function modeOf(point: PointView): string {
  for (const { attribute } of point.attributes) {
    if ((attribute.key === 'state' || attribute.key === 'cpu.mode') && typeof attribute.value === 'string') {
      return attribute.value;
    }
  }
  return '';
}

function scoreOf({ pid, executable, startedAt, modes, rss }: TrackedProcess): ProcessScore {
  let cpu = 0;
  for (const { fromMs, fromSeconds, toMs, toSeconds } of modes) {
    // Without a start time the first sample says nothing about a rate.
    if (fromMs > 0 && toMs > fromMs) cpu += (toSeconds - fromSeconds) / ((toMs - fromMs) / 1000);
  }
  return { key: { pid, executable, startedAt }, cpu, rss };
}
