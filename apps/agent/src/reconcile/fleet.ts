import type { Clock, Log } from '#lib/agent-core';
import type { CollectorStatus } from '#lib/agent-protocol';
import { exportSecondsOf } from '#lib/pipelines';
import {
  CollectorError,
  isGuarded,
  type Collector,
  type CollectorEngine,
  type CollectorSpec,
} from '../collectors/collector.js';
import type { Guarded } from '../guard/watchman.js';
import type { IngressRoutes } from '../ingress/ingress.js';
import type { CollectorUsage } from '../meter/collector-usage.js';
import type { Metering } from '../meter/metering.js';
import type { Selections } from '../topk/selections.js';
import { firstExport } from './first-export.js';

export type FleetOptions = {
  readonly engine: CollectorEngine;
  readonly metering: Metering;
  readonly usage: CollectorUsage;
  readonly selections: Selections;
  readonly ingress: IngressRoutes;
  readonly clock: Clock;
  readonly log: Log;
  /** A collector ended that nobody stopped. */
  readonly onLost: (collector: Collector, reason: string) => void;
};

type Member = {
  readonly collector: Collector;
  state: CollectorStatus['state'];
  /** The limit that it broke. */
  offence?: string;
};

/** A collector whose process runs; `working` tells of its first export. */
export type Begun = { readonly collector: Collector; readonly working: Promise<Collector> };

/** What a collector that broke a limit gets to send what it holds. */
const CONDEMNED_BUDGET_MS = 1_000;
const PORT_TAKEN = /address already in use/;

/** The collectors of this host: starts, verifies and ends them, and tells the meter who is there. */
export class Fleet {
  private readonly members = new Map<string, Member>();

  constructor(private readonly options: FleetOptions) {
    options.metering.onTap((instance, body) => {
      const member = this.members.get(instance);
      if (member !== undefined) options.selections.observe(member.collector.spec, instance, body);
    });
  }

  /** All collectors, also those that start or drain. */
  all(): readonly Collector[] {
    return [...this.members.values()].map(({ collector }) => collector);
  }

  /** The collectors that do their work. */
  running(): readonly Collector[] {
    return [...this.members.values()]
      .filter(({ state }) => state === 'running')
      .map(({ collector }) => collector);
  }

  /** What is under guard, as long as it starts or runs; the built-in collector is no process of its own. */
  guarded(): readonly Guarded[] {
    return [...this.members.values()]
      .filter(({ collector: { spec, telemetryPort } }) => isGuarded(spec) && telemetryPort !== undefined)
      .filter(({ state }) => state === 'starting' || state === 'running')
      .map(({ collector, state }) => ({ collector, isRunning: state === 'running' }));
  }

  statuses(): CollectorStatus[] {
    return [...this.members.values()].map(({ collector: { instance, pid, spec }, state }) => {
      const { configHash, variant } = spec;
      return { instance, variant, configHash, pid, state };
    });
  }

  /** Takes over what an earlier agent left, if it is wanted. */
  async adopt(wanted: readonly CollectorSpec[]): Promise<void> {
    for (const collector of await this.options.engine.survivors(wanted)) {
      this.join(collector, 'running');
      this.opened(collector);
      this.options.selections.resume(collector.spec);
    }
  }

  /**
   * Starts a collector and waits for its first export through the meter. On failure nothing of it is left.
   * @throws CollectorError, or the signal's reason when it is aborted
   */
  async start(spec: CollectorSpec, signal: AbortSignal): Promise<Collector> {
    try {
      return await this.startOnce(spec, signal);
    } catch (error) {
      // Between choosing a free port and using it another process may have taken it; new ports, once.
      if (!(error instanceof CollectorError) || !PORT_TAKEN.test(error.detail)) throw error;
      return this.startOnce(spec, signal);
    }
  }

  /** Starts a collector and leaves it to the caller to wait for its first export. @throws CollectorError */
  async begin(spec: CollectorSpec, signal: AbortSignal): Promise<Begun> {
    const collector = await this.options.engine.start(spec);
    this.join(collector, 'starting');
    return { collector, working: this.verified(collector, signal) };
  }

  /** Lets a collector drain and ends it. */
  async stop(collector: Collector): Promise<void> {
    await this.end(collector);
  }

  /** Ends a collector that broke a limit, at once; a start that waits for it fails with the reason. */
  async condemn(collector: Collector, reason: string): Promise<void> {
    const member = this.members.get(collector.instance);
    if (member !== undefined) member.offence = reason;
    await this.end(collector, CONDEMNED_BUDGET_MS);
  }

  private async end(collector: Collector, budgetMs?: number): Promise<void> {
    const member = this.members.get(collector.instance);
    if (member === undefined) return;
    member.state = 'draining';
    // What applications were promised an answer to is answered before its collector ends.
    await this.options.ingress.leave(collector, budgetMs);
    await collector.stop(budgetMs);
    this.leave(collector);
  }

  private async startOnce(spec: CollectorSpec, signal: AbortSignal): Promise<Collector> {
    const { working } = await this.begin(spec, signal);
    return working;
  }

  private async verified(collector: Collector, signal: AbortSignal): Promise<Collector> {
    const member = this.members.get(collector.instance);
    try {
      await firstExport(this.options, collector, signal);
    } catch (error) {
      await this.stop(collector);
      throw member?.offence === undefined ? error : new CollectorError('guardrail', member.offence);
    }
    if (member?.state === 'starting') {
      member.state = 'running';
      this.opened(collector);
    }
    return collector;
  }

  private join(collector: Collector, state: Member['state']): void {
    const member: Member = { collector, state };
    this.members.set(collector.instance, member);
    if (collector.telemetryPort !== undefined)
      this.options.usage.follow(collector.instance, collector.pid, !collector.isAdopted);
    void collector.exited.then((reason) => {
      if (member.state !== 'running') return;
      this.leave(collector);
      this.options.onLost(collector, reason);
    });
  }

  /** Applications' data may come to it. */
  private opened(collector: Collector): void {
    const { ingress, metering } = this.options;
    const { admission, spec } = collector;
    ingress.join(collector, () => metering.miss(admission, exportSecondsOf(spec.rendered)));
  }

  private leave(collector: Collector): void {
    const { ingress, metering, selections, usage } = this.options;
    this.members.delete(collector.instance);
    void ingress.leave(collector, 0);
    metering.dismiss(collector.admission);
    usage.forget(collector.instance);
    selections.forget(collector.instance);
  }
}
