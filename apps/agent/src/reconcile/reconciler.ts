import { reasonOf, type Clock, type Log, type TaskJournal } from '#lib/agent-core';
import type { ApplyCollectors, Attempt } from '#lib/agent-protocol';
import type { Collector, CollectorEngine, CollectorSpec, Variant } from '../collectors/collector.js';
import { CrashLoops } from '../guard/crash-loop.js';
import { fallBackOf } from '../guard/fall-back.js';
import type { Selections } from '../topk/selections.js';
import { attempt, type Tell } from './attempts.js';
import type { Fleet } from './fleet.js';
import { parseOrder, planOf, targetOf, type Plan } from './target.js';
import { Wakeup } from './wakeup.js';

export type ReconcilerOptions = {
  readonly journal: TaskJournal;
  readonly engine: CollectorEngine;
  readonly fleet: Fleet;
  readonly selections: Selections;
  readonly tell: Tell;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Brings the host to its newest order and keeps it there, one step after another. A newer order interrupts the one
 * in progress; every step can be killed, since the next start compares again and goes on.
 */
export class Reconciler {
  private readonly loops = new CrashLoops();
  private readonly wakeup: Wakeup;
  private interrupt = new AbortController();
  /** Variants that are being put back, each on its own: one may not wait for the other. */
  private readonly repairs = new Map<Variant, Promise<void>>();
  /** Orders that failed in force without anything to fall back to; told once. */
  private readonly givenUp = new Set<string>();
  /** When a collector that failed may be tried again, by variant. */
  private readonly notBefore = new Map<string, number>();

  constructor(private readonly options: ReconcilerOptions) {
    this.wakeup = new Wakeup(options.clock);
  }

  /** The experiment whose windows are being metered. */
  get experimentId(): string | null {
    return targetOf(this.options.journal)?.order.experimentId ?? null;
  }

  /** A newer order is in the journal. */
  orderArrived(): void {
    this.interrupt.abort(new Error('a newer order came'));
    this.wakeup.wake();
  }

  /** Something is no longer as it should be. */
  wake(): void {
    this.wakeup.wake();
  }

  /**
   * Another process of the same configuration in the place of the one that runs, without a gap. A newer order breaks
   * it off. @throws Error with the reason; what ran then runs on
   */
  async restart(variant: Variant, signal: AbortSignal): Promise<Collector> {
    await this.repairs.get(variant);
    signal.throwIfAborted();
    const { fleet } = this.options;
    const old = fleet.running().find(({ spec }) => spec.variant === variant);
    if (old === undefined) throw new Error(`no ${variant} runs here`);
    const stop = AbortSignal.any([signal, this.interrupt.signal]);
    const swap = this.swap({ missing: [old.spec], surplus: [old] }, true, stop);
    this.repairs.set(
      variant,
      swap
        .catch(() => undefined)
        .finally(() => {
          this.repairs.delete(variant);
          this.wake();
        }),
    );
    await swap;
    const fresh = fleet.running().find(({ spec }) => spec.variant === variant);
    if (fresh === undefined) throw new Error(`${variant} was ended while it was restarted`);
    return fresh;
  }

  /** A collector ended that nobody stopped: it is started again, unless that is all it does. */
  async lost({ spec }: Pick<Collector, 'spec'>, reason: string): Promise<void> {
    const { clock, log } = this.options;
    const { exits, isLoop, pauseMs } = this.loops.note(`${spec.variant} ${spec.configHash}`, clock.now());
    log.warn({ variant: spec.variant, exits, reason }, 'collector lost');
    this.notBefore.set(spec.variant, clock.now() + pauseMs);
    if (isLoop)
      await this.fallBack(spec, `${spec.variant} ended ${exits} times within two minutes: ${reason}`);
    this.wake();
  }

  /** Adopts, then reconciles until `signal` is aborted; then ends all collectors. */
  async run(signal: AbortSignal): Promise<void> {
    const { fleet, journal, log } = this.options;
    // Killed between two orders, the old collectors stay until the new ones work.
    await fleet.adopt([...specsOf(journal.desired), ...specsOf(journal.healthy)]);
    while (!signal.aborted) {
      if (this.interrupt.signal.aborted) this.interrupt = new AbortController();
      const stop = AbortSignal.any([signal, this.interrupt.signal]);
      await this.converge(stop).catch((error: unknown) =>
        log.warn({ reason: reasonOf(error) }, 'not reconciled'),
      );
      await this.wakeup.wait(signal, this.pauseMs());
    }
    await Promise.all(this.repairs.values());
    await Promise.all(fleet.all().map((collector) => fleet.stop(collector)));
  }

  private async converge(signal: AbortSignal): Promise<void> {
    const { fleet, journal, selections } = this.options;
    const target = targetOf(journal);
    if (target?.isNews === true) {
      await Promise.all(this.repairs.values());
      await this.carryOut(target.order, signal);
      return;
    }
    this.keepUp(planOf(fleet.running(), selections.applyTo(specsOf(target?.order ?? null))), signal);
  }

  /** Takes a new order through its stages. Until the new collectors work, the old ones stay. */
  private async carryOut(order: ApplyCollectors, signal: AbortSignal): Promise<void> {
    const { fleet, journal, selections } = this.options;
    await this.report(order, 'received');
    const parsed = parseOrder(order);
    if (!parsed.ok) return this.refuse(order, parsed.reason);
    const plan = planOf(fleet.running(), selections.applyTo(parsed.specs));
    const complaint = await this.firstComplaint(plan.missing);
    if (complaint !== undefined) return this.refuse(order, complaint);
    await this.report(order, 'validated');
    await this.report(order, 'applying');
    try {
      await this.swap(plan, order.drain, signal);
    } catch (error) {
      return this.refuse(order, reasonOf(error));
    }
    // While it was being applied, a collector of it may have proved broken.
    if (journal.outcome !== null) return;
    await this.report(order, 'effective');
    await journal.concludeOrder(order, 'effective');
  }

  /** Puts back what is missing of the order in force, or another selection in the place of the old one. */
  private keepUp({ missing, surplus }: Plan, signal: AbortSignal): void {
    for (const variant of ['baseline', 'candidate'] as const) {
      const plan = {
        missing: missing.filter((spec) => spec.variant === variant),
        surplus: surplus.filter(({ spec }) => spec.variant === variant),
      };
      const isNothing = plan.missing.length + plan.surplus.length === 0;
      if (isNothing || this.repairs.has(variant) || !this.isDue(variant)) continue;
      const repair = this.repair(plan, signal).finally(() => {
        this.repairs.delete(variant);
        this.wake();
      });
      this.repairs.set(variant, repair);
    }
  }

  private async repair(plan: Plan, signal: AbortSignal): Promise<void> {
    try {
      const complaint = await this.firstComplaint(plan.missing);
      if (complaint !== undefined) throw new Error(complaint);
      await this.swap(plan, true, signal);
    } catch (error) {
      const [spec] = plan.missing;
      if (!signal.aborted && spec !== undefined) await this.lost({ spec }, reasonOf(error));
    }
  }

  /**
   * Starts the new beside the old, sees them work, then ends the old. `drain` keeps both for one more interval, so
   * that no tick is missed; without it shadows end at once, and what feeds the backend as soon as it is replaced.
   */
  private async swap({ missing, surplus }: Plan, drain: boolean, signal: AbortSignal): Promise<void> {
    const { clock, fleet } = this.options;
    const atOnce = drain ? [] : surplus.filter(({ spec }) => spec.role === 'shadow');
    await Promise.all(atOnce.map((collector) => fleet.stop(collector)));
    const starts = await Promise.allSettled(missing.map((spec) => fleet.start(spec, signal)));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed !== undefined) {
      const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      await Promise.all(started.map((collector) => fleet.stop(collector)));
      throw failed.reason;
    }
    const rest = surplus.filter((collector) => !atOnce.includes(collector));
    const overlap = Math.max(0, ...missing.map(({ rendered }) => rendered.intervalSeconds));
    if (drain && rest.length > 0) await clock.sleep(overlap * 1000, signal);
    await Promise.all(rest.map((collector) => fleet.stop(collector)));
  }

  private async firstComplaint(specs: readonly CollectorSpec[]): Promise<string | undefined> {
    for (const spec of specs) {
      const complaint = await this.options.engine.validate(spec);
      if (complaint !== undefined) return `${spec.variant}: ${complaint}`;
    }
    return undefined;
  }

  private async refuse(order: ApplyCollectors, reason: string): Promise<void> {
    await this.report(order, 'failed', reason);
    await this.options.journal.concludeOrder(order, 'failed');
    this.wake();
  }

  private async fallBack(broken: CollectorSpec, reason: string): Promise<void> {
    const { journal } = this.options;
    const order = targetOf(journal)?.order;
    const isAsked = order?.collectors.some(
      (one) => one.configHash === broken.configHash && one.variant === broken.variant,
    );
    if (order === undefined || isAsked !== true) return;
    const earlier = [journal.healthy, journal.previousHealthy].find(
      (one) => one !== null && one.taskId !== order.taskId,
    );
    const rest = fallBackOf(order, broken, earlier ?? null);
    if (rest === undefined) {
      const name = `${order.taskId} ${broken.variant}`;
      if (this.givenUp.has(name)) return;
      this.givenUp.add(name);
      await this.report(order, 'failed', `${reason}; nothing to fall back to, trying on`);
      return;
    }
    await this.report({ ...order, collectors: rest.collectors }, 'fell-back', reason);
    await journal.concludeOrder(order, 'fell-back', rest);
  }

  private async report(order: ApplyCollectors, stage: Attempt['stage'], reason?: string): Promise<void> {
    const { clock, fleet, log, tell } = this.options;
    const runs = stage === 'fell-back' ? order.collectors : fleet.running().map(({ spec }) => spec);
    const collectors = runs
      .map(({ variant, configHash }) => ({ variant, configHash }))
      .sort((a, b) => (a.variant < b.variant ? -1 : 1));
    log.info({ generation: order.generation, stage, reason }, 'order');
    await tell(attempt(order, stage, { at: clock.iso(), reason, collectors }));
  }

  private isDue(variant: Variant): boolean {
    return this.options.clock.now() >= (this.notBefore.get(variant) ?? 0);
  }

  /** Until the next try that waits for its time. */
  private pauseMs(): number | undefined {
    const now = this.options.clock.now();
    const waits = [...this.notBefore.values()].map((at) => at - now).filter((wait) => wait > 0);
    return waits.length === 0 ? undefined : Math.min(...waits) + 1;
  }
}

/** The collectors of an order; none where it is unreadable, which its own stages tell. */
function specsOf(order: ApplyCollectors | null): readonly CollectorSpec[] {
  const parsed = order === null ? undefined : parseOrder(order);
  return parsed?.ok === true ? parsed.specs : [];
}
