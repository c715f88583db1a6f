import { reasonOf, type Clock, type Log } from '#lib/agent-core';
import { decodeWindowMessage, type WindowMessage } from '#lib/metering';
import { processMetricNames } from '#lib/pipelines';
import { scrapeProcesses } from '../builtin/scrape-processes.js';
import type { Collector, CollectorEngine, CollectorSpec, Variant } from '../collectors/collector.js';
import { Watchman } from '../guard/watchman.js';
import type { IngressRoutes } from '../ingress/ingress.js';
import { hostCapacity } from '../machine/inventory.js';
import { CollectorUsage } from '../meter/collector-usage.js';
import { startMeterServer, type MeterServer } from '../meter/meter-server.js';
import { Metering, type ExportListener } from '../meter/metering.js';
import { runWindowClock } from '../meter/window-clock.js';
import { Fleet } from '../reconcile/fleet.js';
import { runHousekeeping } from '../run/housekeeping.js';
import { Selections } from '../topk/selections.js';

export type SandboxOptions = {
  readonly host: string;
  readonly forSandbox: (metering: Metering, meter: MeterServer) => CollectorEngine;
  /** Gives trials a copy of what applications push to the host's own collectors. */
  readonly ingress: IngressRoutes;
  readonly clock: Clock;
  readonly log: Log;
};

/** Collectors beside those of the host, with ports, tokens and a meter of their own. What they send ends here. */
export interface Sandbox {
  readonly collector: Pick<CollectorEngine, 'kind' | 'version'>;
  validate(spec: CollectorSpec): Promise<string | undefined>;
  /** Starts one and waits for its first export. @throws CollectorError, or the signal's reason */
  start(spec: CollectorSpec, signal: AbortSignal): Promise<void>;
  running(): readonly Collector[];
  /** The specifications as they would run, with the set that a controlled pipeline keeps for the whole trial. */
  prepared(specs: readonly CollectorSpec[]): readonly CollectorSpec[];
  /** From now on this hears every export that is counted. */
  onExport(listener: ExportListener): void;
  /** Windows closed so far, oldest first. */
  windows(): readonly WindowMessage[];
  /** Why a collector broke off that had begun its work. */
  failureOf(variant: Variant): string | undefined;
  /** Ends all that runs in it; resolves when nothing is left. */
  close(): Promise<void>;
}

/** Makes sandboxes, and clears away what a killed agent left of one. */
export interface Sandboxes {
  open(): Promise<Sandbox>;
  clear(): Promise<void>;
}

export function sandboxes(options: SandboxOptions): Sandboxes {
  return {
    open: () => openSandbox(options),
    clear: async () => {
      const metering = new Metering(options.host, options.clock);
      const meter = await startMeterServer(metering, 0, options.log);
      // Wanted is nothing, so nothing is taken over.
      await options.forSandbox(metering, meter).survivors([]);
      await meter.close();
    },
  };
}

async function openSandbox({ clock, forSandbox, host, ingress, log }: SandboxOptions): Promise<Sandbox> {
  const metering = new Metering(host, clock);
  const meter = await startMeterServer(metering, 0, log);
  const engine = forSandbox(metering, meter);
  const usage = new CollectorUsage();
  const selections = new Selections({
    scrape: () => scrapeProcesses(processMetricNames, clock.now()),
    capacity: hostCapacity(),
    onChange: () => undefined,
    ...{ clock, log },
  });
  const failures = new Map<Variant, string>();
  const onLost = ({ spec }: Collector, reason: string): unknown => failures.set(spec.variant, reason);
  const fleet = new Fleet({ engine, metering, usage, selections, ingress, clock, log, onLost });
  const watchman = new Watchman({
    guarded: () => fleet.guarded(),
    onTrip: (collector, { reason }) => {
      failures.set(collector.spec.variant, reason);
      fleet
        .condemn(collector, reason)
        .catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'trial not ended yet'));
    },
    ...{ metering, ingress, clock },
  });
  const windows: WindowMessage[] = [];
  const over = new AbortController();
  const collectors = (): readonly Collector[] => fleet.all();
  const loops = Promise.all([
    watchman.run(over.signal),
    runHousekeeping({ collectors, clock, log }, over.signal),
    runWindowClock(
      {
        keep: (message) => Promise.resolve(windows.push(decodeWindowMessage(message))),
        onTelemetry: (instance, told) => watchman.tell(instance, told?.doors),
        ...{ metering, usage, collectors, clock, log },
      },
      over.signal,
    ),
  ]);
  return {
    collector: engine,
    validate: (spec) => engine.validate(spec),
    start: async (spec, signal) => {
      await fleet.start(spec, signal);
    },
    running: () => fleet.running(),
    prepared: (specs) => selections.applyTo(specs),
    onExport: (listener) => metering.onExport(listener),
    windows: () => windows,
    failureOf: (variant) => failures.get(variant),
    close: async () => {
      await Promise.all(fleet.all().map((collector) => fleet.stop(collector)));
      over.abort();
      await loops;
      // One that crashed left its folder for its log, which nobody asks for any more.
      await engine.survivors([]);
      await meter.close();
    },
  };
}
