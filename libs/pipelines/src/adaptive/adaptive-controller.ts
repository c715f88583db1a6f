import { memberKey, selectionOf, type ProcessMember, type TopKSelection } from '../process-rules.js';
import type { ProcessUse } from '../topk/process-load.js';
import type { AdaptiveSettings, HostCapacity } from './adaptive-settings.js';
import { ChangeBudget } from './change-budget.js';
import { nextBand } from './load-band.js';
import { wantedSet, type Bands } from './wanted-set.js';

/**
 * Why a set changed or stayed. It changes for the `first-ranking`, for a `hot-newcomer` that was there for two
 * windows, for `cold-members`, and when it is `over-cap`. It stays although it would change while a newcomer is
 * `waiting` for its second window, while it is `cooling-down`, or because the `budget-is-used-up`.
 */
export type AdaptiveReason =
  | 'first-ranking'
  | 'hot-newcomer'
  | 'cold-members'
  | 'over-cap'
  | 'waiting'
  | 'cooling-down'
  | 'budget-is-used-up'
  | 'unchanged';

export type AdaptiveDecision = {
  readonly selection: TopKSelection;
  readonly changed: boolean;
  readonly reason: AdaptiveReason;
};

/** The state to go on with after a restart: the set, and when it was changed in the last hour (epoch milliseconds). */
export type AdaptiveState = { readonly selection: TopKSelection; readonly changes: readonly number[] };

type Proposal = {
  readonly wanted: readonly ProcessMember[];
  readonly entering: readonly string[];
  readonly leaving: readonly string[];
  /** More individual processes than the cap allows, because critical ones came. */
  readonly isOverCap: boolean;
};

/**
 * Holds the processes that use more than the limits, which move with the load of the host, and few enough of them.
 *
 * A process that should be in for two windows in a row enters at the second, unless there were too many changes in
 * the last hour. Members that should leave for two windows do so at the next change, or at one of their own once
 * the set has rested and more than half of an hour's changes are left, so that cooling never takes a newcomer's
 * chance. The same uses at the same times always give the same sets. Critical executables are in by their names and
 * never in a selection.
 */
export class AdaptiveController {
  private selection: TopKSelection | undefined;
  private readonly budget: ChangeBudget;
  private bands: Bands = { cpu: 0, memory: 0 };
  private pending: ReadonlySet<string> = new Set();

  constructor(
    private readonly settings: AdaptiveSettings,
    private readonly host: HostCapacity,
    resumed?: AdaptiveState,
  ) {
    this.selection = resumed?.selection;
    this.budget = new ChangeBudget(settings.maxSwapsPerHour, resumed?.changes);
  }

  /** To be resumed from; undefined before the first set. The bands of the load are found anew. */
  get state(): AdaptiveState | undefined {
    return this.selection && { selection: this.selection, changes: this.budget.spent };
  }

  /**
   * Takes what every process used in the window that ended at `at` (epoch milliseconds). No process at all is no
   * data, so it changes nothing.
   */
  update(uses: readonly ProcessUse[], at: number): AdaptiveDecision {
    if (uses.length === 0) return this.stay('unchanged');
    this.bands = this.bandsOf(uses);
    const current = this.selection;
    if (current === undefined) {
      this.selection = selectionOf(wantedSet(uses, new Set(), this.bands, this.settings));
      return { selection: this.selection, changed: true, reason: 'first-ranking' };
    }
    const proposal = this.propose(uses, current);
    const reason = this.verdict(proposal, at);
    this.pending = new Set([...proposal.entering, ...proposal.leaving]);
    if (!changing.has(reason)) return this.stay(reason);
    this.selection = selectionOf(proposal.wanted);
    this.budget.spend(at);
    this.pending = new Set();
    return { selection: this.selection, changed: true, reason };
  }

  private propose(uses: readonly ProcessUse[], current: TopKSelection): Proposal {
    const members = new Set(current.members.map(memberKey));
    const wanted = wantedSet(uses, members, this.bands, this.settings);
    const wantedKeys = new Set(wanted.map(memberKey));
    const living = uses.filter((process) => members.has(memberKey(process)));
    const critical = uses.filter(({ executable }) => this.settings.criticalProcesses.includes(executable));
    return {
      wanted,
      entering: [...wantedKeys].filter((key) => !members.has(key)),
      leaving: living.map(memberKey).filter((key) => !wantedKeys.has(key)),
      isOverCap: living.length > 0 && living.length + critical.length > this.settings.maxProcesses,
    };
  }

  private verdict({ entering, isOverCap, leaving }: Proposal, at: number): AdaptiveReason {
    const left = this.budget.left(at);
    const isLasting = (key: string): boolean => this.pending.has(key);
    if (isOverCap || entering.some(isLasting)) {
      if (left === 0) return 'budget-is-used-up';
      return isOverCap ? 'over-cap' : 'hot-newcomer';
    }
    if (entering.length > 0) return 'waiting';
    if (leaving.length === 0) return 'unchanged';
    const { maxSwapsPerHour, minSecondsBetweenSwaps } = this.settings;
    const hasRested = this.budget.restedFor(at) >= minSecondsBetweenSwaps * 1000;
    const mayCool = leaving.some(isLasting) && hasRested && left > maxSwapsPerHour / 2;
    return mayCool ? 'cold-members' : 'cooling-down';
  }

  private bandsOf(uses: readonly ProcessUse[]): Bands {
    const cores = uses.reduce((sum, process) => sum + process.cores, 0);
    const bytes = uses.reduce((sum, process) => sum + process.memoryBytes, 0);
    return {
      cpu: nextBand(cores / this.host.cores, this.bands.cpu),
      memory: nextBand(bytes / this.host.memoryBytes, this.bands.memory),
    };
  }

  private stay(reason: AdaptiveReason): AdaptiveDecision {
    return { selection: this.selection ?? { members: [] }, changed: false, reason };
  }
}

const changing: ReadonlySet<AdaptiveReason> = new Set(['hot-newcomer', 'cold-members', 'over-cap']);
