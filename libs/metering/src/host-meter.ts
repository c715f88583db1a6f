import { seriesIdentityVersion } from '#lib/otlp';
import { MeteringError } from './errors.js';
import { MAX_INSTANCES, MAX_OPEN_WINDOWS, MINUTE_MS, OPENING_TOLERANCE_MS, WINDOW_MS } from './limits.js';
import { Minute } from './minute.js';
import type { CollectorWindow, ResourceUse, Variant, WindowMessage } from './model.js';
import { ProcessUsage } from './process-usage.js';
import { Recorder } from './recorder.js';
import { WindowCounts } from './window-counts.js';
import { executableLists, metricLists, namespaceLists, serviceLists, weightsOf } from './window-names.js';

/** A collector whose exports are priced. `instance` is unique to one start of one process. */
export type MeteredCollector = {
  readonly variant: Variant;
  readonly instance: string;
  readonly configHash: string;
};

/** What only the agent knows when a window closes; a collector without an entry has `use: null`. */
export type WindowFacts = {
  readonly clockOffsetMs: number | null;
  readonly use: ReadonlyMap<string, ResourceUse>;
};

type Attached = MeteredCollector & {
  readonly since: number;
  readonly usage: ProcessUsage;
  /** Until then its exports may lack what it was not given. */
  missesUntil: number;
};
type CollectorState = {
  readonly attached: Attached;
  readonly from: number;
  to: number;
  hasMissed: boolean;
  readonly counts: WindowCounts;
};
type OpenWindow = {
  readonly start: number;
  readonly number: number;
  readonly openedAt: number;
  readonly minute: Minute;
  readonly collectors: Map<string, CollectorState>;
};

/**
 * Meters every collector of one host at its exporter and gives one message per window with both variants.
 * It holds no clock: every call brings `at` in ms since the epoch. Memory is bounded by `limits.ts`.
 *
 * Call `closeWindow` soon after each multiple of 10 s. A window that nobody could watch (a stalled or stopped
 * agent) is left out, so that the analyzer sees a gap; it is never filled in.
 */
export class HostMeter {
  private readonly recorder = new Recorder();
  private readonly attached = new Map<string, Attached>();
  /** Oldest first. Usually one; two when a request arrives before the window before it is closed. */
  private readonly windows: OpenWindow[] = [];
  private windowCount = 0;
  private minute: Minute | null = null;

  constructor(private readonly host: string) {}

  /** Starts metering a collector. Throws `MeteringError`. */
  attach(collector: MeteredCollector, at: number): void {
    const { instance } = collector;
    if (this.attached.has(instance)) throw new MeteringError('already-attached', instance);
    if (this.attached.size >= MAX_INSTANCES) throw new MeteringError('too-many-instances', instance);
    const attached = { ...collector, since: at, usage: new ProcessUsage(), missesUntil: 0 };
    this.attached.set(instance, attached);
    // Opening a window adds all attached collectors; those already open get it now.
    const present = this.windowAt(at);
    for (const window of this.windows) {
      if (window.start >= present.start && !window.collectors.has(instance)) addCollector(window, attached);
    }
  }

  /**
   * Notes that a collector was not given a part of its data at `at`, which its exports may lack for `forMs` from then
   * on. The windows of that time leave it out and their minutes have no series of it: what was missed is a gap, never
   * a saving. One that was detached may have missed something too; one that is unknown is left alone.
   */
  miss(instance: string, at: number, forMs: number): void {
    const until = at + forMs;
    const attached = this.attached.get(instance);
    if (attached !== undefined) attached.missesUntil = Math.max(attached.missesUntil, until);
    for (const { collectors, start } of this.windows) {
      const state = collectors.get(instance);
      if (state !== undefined && start + WINDOW_MS > at && start < until) state.hasMissed = true;
    }
  }

  /** Stops metering a collector once it has drained; its windows still tell what it sent. */
  detach(instance: string, at: number): void {
    if (!this.attached.delete(instance)) throw new MeteringError('unknown-instance', instance);
    for (const window of this.windows) {
      const state = window.collectors.get(instance);
      if (state !== undefined) state.to = Math.max(state.from, Math.min(state.to, at));
      if (window.start > at) window.collectors.delete(instance);
    }
  }

  /**
   * Counts one uncompressed export request that came as `wireBytes` bytes.
   * Throws `MeteringError` `unknown-instance`, and `OtlpDecodeError` after counting the request as malformed.
   */
  record(instance: string, body: Uint8Array, wireBytes: number, at: number): void {
    if (!this.attached.has(instance)) throw new MeteringError('unknown-instance', instance);
    const window = this.windowAt(at);
    const state = window.collectors.get(instance);
    if (state === undefined) throw new MeteringError('unknown-instance', `${instance} at ${at}`);
    const { minute } = window;
    const target = {
      counts: state.counts,
      minute: minute.seriesOf(state.attached),
      usage: state.attached.usage,
      metrics: minute.metrics,
      executables: minute.executables,
      services: minute.services,
      namespaces: minute.namespaces,
      window: window.number,
    };
    this.recorder.record(target, { body, wireBytes, at });
  }

  /** Closes the oldest window that ended by `at`. Call again until it gives `null`: nothing more has ended. */
  closeWindow(at: number, facts: WindowFacts): WindowMessage | null {
    const oldest = this.windows[0];
    if (oldest === undefined) return null;
    // A clock set back by more than a window would keep the meter waiting: what was open becomes a gap.
    const clockSetBack = at < oldest.start - WINDOW_MS;
    if (!clockSetBack && at < oldest.start + WINDOW_MS) return null;
    if (clockSetBack) this.windows.length = 0;
    else this.windows.shift();
    if (this.attached.size > 0) this.windowAt(at);
    return clockSetBack ? null : this.message(oldest, at, facts);
  }

  /** The open window that holds `at`, opened now if need be. Times that went backwards count in an open one. */
  private windowAt(at: number): OpenWindow {
    const start = Math.floor(at / WINDOW_MS) * WINDOW_MS;
    const [oldest] = this.windows;
    const latest = this.windows.at(-1);
    if (oldest !== undefined && latest !== undefined && latest.start >= start) {
      return this.windows.findLast((window) => window.start <= start) ?? oldest;
    }
    if (this.windows.length >= MAX_OPEN_WINDOWS) this.windows.shift();
    const window = this.openWindow(start, at - start <= OPENING_TOLERANCE_MS ? start : at);
    this.windows.push(window);
    return window;
  }

  private openWindow(start: number, openedAt: number): OpenWindow {
    const minuteStart = Math.floor(start / MINUTE_MS) * MINUTE_MS;
    if (this.minute?.start !== minuteStart) this.minute = new Minute(minuteStart);
    const number = ++this.windowCount;
    const window = {
      start,
      openedAt,
      number,
      minute: this.minute,
      collectors: new Map<string, CollectorState>(),
    };
    for (const attached of this.attached.values()) addCollector(window, attached);
    return window;
  }

  private message(window: OpenWindow, at: number, facts: WindowFacts): WindowMessage {
    const { start, minute } = window;
    const states = [...window.collectors.values()].sort((a, b) => compareText(keyOf(a), keyOf(b)));
    for (const { attached, from, hasMissed, to } of states) {
      if (hasMissed) minute.miss(attached);
      else minute.cover(attached, { from, to });
    }
    const watched = states.filter(({ hasMissed }) => !hasMissed);
    const collectors = collectorWindows(watched, minute, facts);
    const names = new Set(collectors.flatMap(({ executables }) => executables.map(({ name }) => name)));
    const usages = states.map(({ attached }) => attached.usage);
    return {
      ...{ host: this.host, start, seconds: WINDOW_MS / 1000, closedAt: at },
      clockOffsetMs: facts.clockOffsetMs,
      identityVersion: seriesIdentityVersion,
      weights: weightsOf(usages, names, at),
      collectors,
      minute: this.windows[0]?.minute === minute ? null : minute.summary(),
    };
  }
}

function addCollector(window: OpenWindow, attached: Attached): void {
  const from = Math.max(window.openedAt, attached.since);
  const to = window.start + WINDOW_MS;
  const hasMissed = window.start < attached.missesUntil;
  window.collectors.set(attached.instance, { attached, from, to, hasMissed, counts: new WindowCounts() });
}

function collectorWindows(
  states: readonly CollectorState[],
  minute: Minute,
  facts: WindowFacts,
): CollectorWindow[] {
  const metrics = metricLists(
    states.map(({ counts }) => counts.metrics),
    minute.metrics,
  );
  const executables = executableLists(
    states.map(({ counts }) => counts.executables),
    minute.executables,
  );
  const services = serviceLists(
    states.map(({ counts }) => counts.services),
    minute.services,
  );
  const namespaces = namespaceLists(
    states.map(({ counts }) => counts.namespaces),
    minute.namespaces,
  );
  return states.map(({ attached, from, to, counts }, i) => ({
    ...{ variant: attached.variant, instance: attached.instance, configHash: attached.configHash },
    ...{ coveredFrom: from, coveredTo: to },
    ...{ points: counts.points, bytes: counts.bytes, wireBytes: counts.wireBytes },
    ...{ requests: counts.requests, malformed: counts.malformed, hostPoints: counts.hostPoints },
    activeSeries: counts.series,
    metrics: metrics[i] ?? [],
    executables: executables[i] ?? [],
    services: services[i] ?? [],
    namespaces: namespaces[i] ?? [],
    freshness: counts.freshness,
    use: facts.use.get(attached.instance) ?? null,
  }));
}

/** Baseline before candidate, then by instance. */
function keyOf({ attached }: CollectorState): string {
  return `${attached.variant} ${attached.instance}`;
}

function compareText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
