import { reasonOf, type Clock, type Log, type TaskJournal } from '#lib/agent-core';
import type { ApplyCollectors } from '#lib/agent-protocol';
import type { Collector, CollectorEngine, CollectorSpec, Variant } from '../collectors/collector.js';
import { CrashLoops } from '../guard/crash-loop.js';
import type { Trip } from '../guard/trip.js';
import type { IngressPorts } from '../ingress/ingress.js';
import type { Selections } from '../topk/selections.js';
import { reporter, type Alarm, type Report, type Tell } from './attempts.js';
import { firstComplaint, firstTaken } from './complaints.js';
import { DeadMan, isIn, type FallBackVerdict } from './dead-man.js';
import type { Fleet } from './fleet.js';
import { Repairs } from './repairs.js';
import { swap } from './swap.js';
import { ingressPorts, parseOrder, planOf, specsOf, type Plan } from './target.js';
import { Wakeup } from './wakeup.js';

export type ReconcilerOptions = {
  readonly journal: TaskJournal;
  readonly engine: CollectorEngine;
  readonly fleet: Fleet;
  readonly selections: Selections;
  readonly ingress: IngressPorts;
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
  private readonly repairs = new Repairs(() => this.wake());
  private readonly deadMan: DeadMan;
  private readonly report: Report;
  /** Aborted at the end of the agent. */
  private life = new AbortController().signal;
  /** The order that is not to become effective, since a collector of it broke a limit while it was applied. */
  private brokenOff: { readonly taskId: string; readonly alarm: Alarm } | undefined;
  /** Orders that failed in force without anything to fall back to; told once. */
  private readonly givenUp = new Set<string>();
  /** When a collector that failed may be tried again, by variant. */
  private readonly notBefore = new Map<string, number>();

  constructor(private readonly options: ReconcilerOptions) {
    this.wakeup = new Wakeup(options.clock);
    const { selections } = options;
    this.report = reporter(options);
    this.deadMan = new DeadMan({
      ...options,
      report: this.report,
      withSelections: (specs) => selections.applyTo(specs),
      isUnderRepair: (variant) => this.repairs.has(variant),
      entrust: (spec, working) => this.entrust(spec, working),
      signal: () => this.stopSignal(),
    });
  }

  /** The experiment whose windows are being metered. */
  get experimentId(): string | null {
    return this.deadMan.target()?.order.experimentId ?? null;
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
    await this.repairs.done(variant);
    signal.throwIfAborted();
    const { fleet } = this.options;
    const old = fleet.running().find(({ spec }) => spec.variant === variant);
    if (old === undefined) throw new Error(`no ${variant} runs here`);
    const stop = AbortSignal.any([signal, this.interrupt.signal]);
    const work = swap(this.options, { missing: [old.spec], surplus: [old], drain: true, signal: stop });
    this.repairs.track(variant, work);
    await work;
    const fresh = fleet.running().find(({ spec }) => spec.variant === variant);
    if (fresh === undefined) throw new Error(`${variant} was ended while it was restarted`);
    return fresh;
  }

  /** A collector ended that nobody stopped: it is started again, unless that is all it does. */
  async lost({ spec }: Pick<Collector, 'spec'>, reason: string): Promise<void> {
    const { clock, log } = this.options;
    const detectedAt = clock.iso();
    const { exits, isLoop, pauseMs } = this.loops.note(`${spec.variant} ${spec.configHash}`, clock.now());
    log.warn({ variant: spec.variant, exits, reason }, 'collector lost');
    this.notBefore.set(spec.variant, clock.now() + pauseMs);
    if (isLoop) {
      const words = `${spec.variant} ended ${exits} times within two minutes: ${reason}`;
      await this.leave(spec, { reason: words, detectedAt });
    }
    this.wake();
  }

  /** A collector broke a guardrail: the host returns to what it had, whether the link is there or not. */
  async tripped(collector: Collector, { guardrail, reason: words }: Trip): Promise<void> {
    const { clock, fleet, log } = this.options;
    const { spec } = collector;
    const reason = `${spec.variant} ${words}`;
    log.warn({ instance: collector.instance, guardrail, reason }, 'guardrail broken');
    const verdict = await this.leave(spec, { reason, detectedAt: clock.iso() });
    // What is left is to try on, and another process would lose the same points.
    const isHopeless = verdict === 'nothing-left' && guardrail === 'drops';
    if (verdict === 'fell-back' || isHopeless) return;
    await fleet.condemn(collector, reason);
    if (verdict === 'nothing-left') await this.lost(collector, reason);
  }

  /** Adopts, then reconciles until `signal` is aborted; then ends all collectors. */
  async run(signal: AbortSignal): Promise<void> {
    const { fleet, ingress, journal, log } = this.options;
    this.life = signal;
    await ingress.keep(ingressPorts(specsOf(this.deadMan.target()?.order ?? null)));
    // Killed between two orders, the old collectors stay until the new ones work.
    await fleet.adopt([...specsOf(journal.desired), ...specsOf(journal.healthy)]);
    while (!signal.aborted) {
      if (this.interrupt.signal.aborted) this.interrupt = new AbortController();
      await this.converge(this.stopSignal()).catch((error: unknown) =>
        log.warn({ reason: reasonOf(error) }, 'not reconciled'),
      );
      await this.wakeup.wait(signal, this.pauseMs());
    }
    await this.deadMan.settled();
    await this.repairs.done();
    await Promise.all(fleet.all().map((collector) => fleet.stop(collector)));
  }

  private async converge(signal: AbortSignal): Promise<void> {
    const { fleet, ingress, selections } = this.options;
    const target = this.deadMan.target();
    if (target?.isNews === true) {
      await this.repairs.done();
      await this.carryOut(target.order, signal);
      return;
    }
    const specs = specsOf(target?.order ?? null);
    await ingress.keep(ingressPorts(specs));
    this.keepUp(planOf(fleet.running(), selections.applyTo(specs)), signal);
  }

  /** Takes a new order through its stages. Until the new collectors work, the old ones stay. */
  private async carryOut(order: ApplyCollectors, signal: AbortSignal): Promise<void> {
    const { engine, fleet, ingress, journal, selections } = this.options;
    await this.report(order, 'received');
    const parsed = parseOrder(order);
    if (!parsed.ok) return this.refuse(order, { reason: parsed.reason });
    const plan = planOf(fleet.running(), selections.applyTo(parsed.specs));
    const complaint =
      (await firstComplaint(engine, plan.missing)) ?? (await firstTaken(ingress, parsed.specs));
    if (complaint !== undefined) return this.refuse(order, { reason: complaint });
    await this.report(order, 'validated');
    await this.report(order, 'applying');
    try {
      await swap(this.options, { ...plan, drain: order.drain, signal });
    } catch (error) {
      return this.refuse(order, this.alarmOf(order) ?? { reason: reasonOf(error) });
    }
    const alarm = this.alarmOf(order);
    if (alarm !== undefined) return this.refuse(order, alarm);
    await ingress.keep(ingressPorts(parsed.specs));
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
      this.repairs.track(variant, this.repair(plan, signal));
    }
  }

  private async repair(plan: Plan, signal: AbortSignal): Promise<void> {
    try {
      const complaint = await firstComplaint(this.options.engine, plan.missing);
      if (complaint !== undefined) throw new Error(complaint);
      // Meanwhile the host may have fallen back from it.
      const order = this.deadMan.target()?.order;
      if (order === undefined || !plan.missing.every((spec) => isIn(order, spec))) return;
      await swap(this.options, { ...plan, drain: true, signal });
    } catch (error) {
      const [spec] = plan.missing;
      if (!signal.aborted && spec !== undefined) await this.lost({ spec }, reasonOf(error));
    }
  }

  private entrust(spec: CollectorSpec, working: Promise<unknown>): void {
    const signal = this.stopSignal();
    const settled = working.catch(async (error: unknown) => {
      if (!signal.aborted) await this.lost({ spec }, reasonOf(error));
    });
    this.repairs.track(spec.variant, settled);
  }

  private stopSignal(): AbortSignal {
    return AbortSignal.any([this.life, this.interrupt.signal]);
  }

  private async refuse(order: ApplyCollectors, alarm: Alarm): Promise<void> {
    await this.report(order, 'failed', alarm);
    await this.options.journal.concludeOrder(order, 'failed');
    this.wake();
  }

  /** Leaves a pipeline that proved broken: an order in force falls back, one that is being applied fails. */
  private async leave(broken: CollectorSpec, alarm: Alarm): Promise<FallBackVerdict | 'broken-off'> {
    const target = this.deadMan.target();
    if (target?.isNews === true && isIn(target.order, broken)) {
      this.brokenOff = { taskId: target.order.taskId, alarm };
      this.interrupt.abort(new Error(alarm.reason));
      return 'broken-off';
    }
    const verdict = await this.deadMan.fallBack(broken, alarm);
    if (verdict === 'nothing-left' && target !== undefined) await this.tryOn(target.order, broken, alarm);
    this.wake();
    return verdict;
  }

  private async tryOn(order: ApplyCollectors, { variant }: CollectorSpec, alarm: Alarm): Promise<void> {
    const name = `${order.taskId} ${variant}`;
    if (this.givenUp.has(name)) return;
    this.givenUp.add(name);
    await this.report(order, 'failed', {
      ...alarm,
      reason: `${alarm.reason}; nothing to fall back to, trying on`,
    });
  }

  private alarmOf({ taskId }: ApplyCollectors): Alarm | undefined {
    return this.brokenOff?.taskId === taskId ? this.brokenOff.alarm : undefined;
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
