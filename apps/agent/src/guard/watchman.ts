import type { Clock } from '#lib/agent-core';
import { limitsOf } from '#lib/agent-protocol';
import type { Collector } from '../collectors/collector.js';
import type { IngressRoutes } from '../ingress/ingress.js';
import { readStat } from '../machine/proc.js';
import type { Metering } from '../meter/metering.js';
import type { Trip } from './trip.js';
import { Watch, type Doors } from './watch.js';

/** A collector under guard, and whether it does its work or still starts. */
export type Guarded = { readonly collector: Collector; readonly isRunning: boolean };

export type WatchmanOptions = {
  readonly guarded: () => readonly Guarded[];
  readonly metering: Pick<Metering, 'requestsOf'>;
  readonly ingress: Pick<IngressRoutes, 'copiesFor'>;
  /** A guardrail is broken; told again only after it was broken for another window. */
  readonly onTrip: (collector: Collector, trip: Trip) => void;
  readonly clock: Clock;
};

const LOOK_MS = 1_000;

/** Looks at the guarded collectors each second. */
export class Watchman {
  private readonly watches = new Map<string, Watch>();

  constructor(private readonly options: WatchmanOptions) {}

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!signal.aborted) {
      this.lookAtAll();
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  /**
   * Takes what a collector tells of its receivers and exporters, unless it does not answer, and what the ingress knows
   * of the copies on their way to it.
   */
  tell(instance: string, told: Doors | undefined): void {
    const copies = this.options.ingress.copiesFor(instance);
    if (told === undefined && copies === undefined) return;
    const doors = new Map([...(told ?? []), ...(copies === undefined ? [] : [['ingress', copies] as const])]);
    const found = this.options.guarded().find(({ collector }) => collector.instance === instance);
    if (found !== undefined)
      this.judge(found.collector, (watch) => watch.tell(doors, this.options.clock.now()));
  }

  private lookAtAll(): void {
    const { clock, guarded, metering } = this.options;
    const all = guarded();
    for (const instance of this.watches.keys())
      if (!all.some(({ collector }) => collector.instance === instance)) this.watches.delete(instance);
    for (const { collector, isRunning } of all) {
      const stat = readStat(collector.pid);
      if (stat === undefined) continue;
      const look = {
        at: clock.now(),
        rssBytes: stat.rssBytes,
        cpuSeconds: stat.userSeconds + stat.systemSeconds,
        exports: metering.requestsOf(collector.admission),
        // Who is pushed to may have nothing to export for as long as nobody pushes.
        isExporting: isRunning && collector.spec.rendered.ingress === undefined,
      };
      this.judge(collector, (watch) => watch.look(look));
    }
  }

  private judge(collector: Collector, ask: (watch: Watch) => Trip | undefined): void {
    const { instance, spec } = collector;
    const fresh = (): Watch => new Watch(limitsOf(spec.limits), spec.rendered);
    const watch = this.watches.get(instance) ?? fresh();
    this.watches.set(instance, watch);
    const trip = ask(watch);
    if (trip === undefined) return;
    this.watches.set(instance, fresh());
    this.options.onTrip(collector, trip);
  }
}
