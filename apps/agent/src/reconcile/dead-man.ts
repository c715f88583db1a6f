import { reasonOf, type Log, type TaskJournal } from '#lib/agent-core';
import type { ApplyCollectors } from '#lib/agent-protocol';
import type { CollectorSpec, Variant } from '../collectors/collector.js';
import { fallBackOf } from '../guard/fall-back.js';
import type { Alarm, Report } from './attempts.js';
import type { Fleet } from './fleet.js';
import { planOf, specsOf, targetOf, type Target } from './target.js';

export type DeadManOptions = {
  readonly journal: TaskJournal;
  readonly fleet: Pick<Fleet, 'all' | 'running' | 'condemn' | 'begin'>;
  readonly report: Report;
  readonly withSelections: (specs: readonly CollectorSpec[]) => readonly CollectorSpec[];
  /** True while somebody else puts the variant back. */
  readonly isUnderRepair: (variant: Variant) => boolean;
  /** Takes over a collector that was begun, until it has shown that it works. */
  readonly entrust: (spec: CollectorSpec, working: Promise<unknown>) => void;
  /** Aborted by a newer order, and at the end of the agent. */
  readonly signal: () => AbortSignal;
  readonly log: Log;
};

/** `not-ordered`: nobody wants the collector any more. `nothing-left`: there is nothing better than trying on. */
export type FallBackVerdict = 'fell-back' | 'nothing-left' | 'not-ordered';

type Instead = { readonly desired: string | undefined; readonly order: ApplyCollectors };

/**
 * Returns the host to its last healthy collectors by itself. It acts first and writes afterwards, so that neither a
 * cut link nor a full disk holds it up.
 */
export class DeadMan {
  /** What is in force in the place of the order, from the decision until the journal knows. */
  private instead: Instead | undefined;
  private acting: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DeadManOptions) {}

  /** The order to be at, fallbacks included that the journal does not know yet. */
  target(): Target | undefined {
    const { journal } = this.options;
    if (this.instead !== undefined && this.instead.desired === journal.desired?.taskId)
      return { order: this.instead.order, isNews: false };
    return targetOf(journal);
  }

  /** Resolves when no fallback is being carried out. */
  async settled(): Promise<void> {
    await this.acting.catch(() => undefined);
  }

  /** @throws AgentError `journal-unavailable`; the fallback is in force nevertheless, until the agent ends */
  async fallBack(broken: CollectorSpec, alarm: Alarm): Promise<FallBackVerdict> {
    const { journal, report } = this.options;
    const order = this.target()?.order;
    if (order === undefined || !isIn(order, broken)) return 'not-ordered';
    const earlier = [journal.healthy, journal.previousHealthy].find(
      (one) => one !== null && one.taskId !== order.taskId,
    );
    const rest = fallBackOf(order, broken, earlier ?? null);
    if (rest === undefined) return 'nothing-left';
    const instead = { desired: journal.desired?.taskId, order: rest };
    this.instead = instead;
    const act = this.acting.catch(() => undefined).then(() => this.act(broken, rest, alarm));
    this.acting = act;
    const complaints = await act;
    const reason = [alarm.reason, ...complaints].join('; ');
    await report({ ...order, collectors: rest.collectors }, 'fell-back', { ...alarm, reason });
    await journal.concludeOrder(order, 'fell-back', rest);
    if (this.instead === instead) this.instead = undefined;
    return 'fell-back';
  }

  /** Ends what is broken and starts what is missing. @returns what went wrong with the starts */
  private async act(
    broken: CollectorSpec,
    rest: ApplyCollectors,
    { reason }: Alarm,
  ): Promise<readonly string[]> {
    const { fleet, isUnderRepair, withSelections } = this.options;
    const guilty = fleet.all().filter(({ spec }) => isSame(spec, broken));
    await Promise.all(guilty.map((collector) => fleet.condemn(collector, reason)));
    const { missing } = planOf(fleet.running(), withSelections(specsOf(rest)));
    const due = missing.filter(({ variant }) => variant === broken.variant || !isUnderRepair(variant));
    const complaints = await Promise.all(due.map((spec) => this.begin(spec)));
    return complaints.filter((complaint) => complaint !== undefined);
  }

  /** It was validated when it was applied, and its first export may come after a whole interval: neither is awaited. */
  private async begin(spec: CollectorSpec): Promise<string | undefined> {
    const { entrust, fleet, log, signal } = this.options;
    const stop = signal();
    if (stop.aborted) return undefined;
    try {
      const { working } = await fleet.begin(spec, stop);
      entrust(spec, working);
      return undefined;
    } catch (error) {
      log.warn({ variant: spec.variant, reason: reasonOf(error) }, 'fallback not started yet');
      return `${spec.variant} is still to be started: ${reasonOf(error)}`;
    }
  }
}

/** True when the order has this pipeline for this variant. */
export function isIn(
  { collectors }: ApplyCollectors,
  spec: Pick<CollectorSpec, 'variant' | 'configHash'>,
): boolean {
  return collectors.some((one) => isSame(one, spec));
}

type Pipeline = Pick<CollectorSpec, 'variant' | 'configHash'>;

function isSame(one: Pipeline, other: Pipeline): boolean {
  return one.variant === other.variant && one.configHash === other.configHash;
}
