import { memberKey as key, selectionOf, type ProcessMember, type TopKSelection } from '../process-rules.js';
import type { RankBy } from '../spec/process-metrics.js';

/** One process with its place value: CPU in cores, memory in bytes, or a score from 0 to 1. */
export type RankedProcess = ProcessMember & { readonly value: number };

/** Every process that a window saw, in any order. */
export type Ranking = readonly RankedProcess[];

export type TopKSettings = {
  readonly k: number;
  readonly rankBy: RankBy;
  readonly marginPercent: number;
  readonly minSecondsBetweenSwaps: number;
};

/**
 * Why a set changed or stayed: `first-ranking` fills it, `hot-newcomer` beat a member by the margin,
 * `vacancy` replaces members that exited, `cooling-down` would change but the last swap is too recent.
 */
export type TopKReason = 'first-ranking' | 'hot-newcomer' | 'vacancy' | 'cooling-down' | 'unchanged';

export type TopKDecision = {
  readonly selection: TopKSelection;
  readonly changed: boolean;
  readonly reason: TopKReason;
};

/** The state of a controller, to go on with after a restart of the agent. `swappedAt` is in epoch milliseconds. */
export type TopKState = { readonly selection: TopKSelection; readonly swappedAt: number };

/**
 * Differences below this are noise whatever the margin says: ten percent of nothing is still nothing, and each
 * swap costs a collector start. Units as in `RankedProcess`.
 */
const noise: Readonly<Record<RankBy, number>> = { cpu: 0.005, memory: 1024 * 1024, score: 0.001 };

/**
 * Holds the true top k of a host up to a margin, with few swaps.
 *
 * A process that beats the weakest member by the margin is *hot*: it enters at once where the last swap is old
 * enough, and in the second window in a row in any case. Members that exited are replaced when the last swap is
 * old enough. The same rankings at the same times always give the same sets; ties fall to members, then to the
 * lower pid.
 */
export class TopKController {
  private selection: TopKSelection | undefined;
  private swappedAt = Number.NEGATIVE_INFINITY;
  private hotBefore: ReadonlySet<string> = new Set();

  constructor(
    private readonly settings: TopKSettings,
    resumed?: TopKState,
  ) {
    if (resumed === undefined) return;
    this.selection = resumed.selection;
    this.swappedAt = resumed.swappedAt;
  }

  /**
   * Takes the ranking of one window that ended at `at` (epoch milliseconds). An empty ranking is no data, so it
   * changes nothing.
   */
  update(ranking: Ranking, at: number): TopKDecision {
    const current = this.selection;
    if (ranking.length === 0) return { selection: current ?? nobody, changed: false, reason: 'unchanged' };
    if (current === undefined)
      return this.swap(bestFirst(ranking).slice(0, this.settings.k), at, 'first-ranking');

    const proposal = propose(ranking, current, this.settings);
    const lasting = proposal.hot.some((process) => this.hotBefore.has(key(process)));
    this.hotBefore = new Set(proposal.hot.map(key));
    const rested = at - this.swappedAt >= this.settings.minSecondsBetweenSwaps * 1000;

    if (proposal.entering === 0) return { selection: current, changed: false, reason: 'unchanged' };
    if (!rested && !lasting) return { selection: current, changed: false, reason: 'cooling-down' };
    return this.swap(proposal.members, at, proposal.hot.length > 0 ? 'hot-newcomer' : 'vacancy');
  }

  private swap(members: readonly ProcessMember[], at: number, reason: TopKReason): TopKDecision {
    this.selection = selectionOf(members);
    this.swappedAt = at;
    this.hotBefore = new Set();
    return { selection: this.selection, changed: true, reason };
  }
}

const nobody: TopKSelection = { members: [] };

type Proposal = {
  readonly members: readonly RankedProcess[];
  /** Newcomers that beat a member by the margin. */
  readonly hot: readonly RankedProcess[];
  /** How many newcomers the proposed set holds. */
  readonly entering: number;
};

/** The set that the ranking asks for: living members, vacancies filled from the top, weak members replaced. */
function propose(ranking: Ranking, current: TopKSelection, settings: TopKSettings): Proposal {
  const before = new Set(current.members.map(key));
  const ordered = bestFirst(ranking);
  const living = ordered.filter((process) => before.has(key(process))).slice(0, settings.k);
  const outside = ordered.filter((process) => !before.has(key(process)));

  const hot = hotNewcomers(living, outside, settings);
  const stay = living.slice(0, Math.min(living.length, settings.k - Math.min(hot.length, settings.k)));
  const vacancies = settings.k - stay.length - hot.length;
  const fill = outside.slice(hot.length, hot.length + Math.max(vacancies, 0));
  return { members: [...stay, ...hot, ...fill], hot, entering: hot.length + fill.length };
}

/**
 * The strongest newcomers, each set against the member that it would push out: the weakest first. Where seats
 * are free a newcomer pushes nobody out, but is hot by the same measure against the weakest member.
 */
function hotNewcomers(living: Ranking, outside: Ranking, settings: TopKSettings): Ranking {
  const free = settings.k - living.length;
  const rivals = outside.slice(0, settings.k);
  const cold = rivals.findIndex((rival, index) => {
    const member = living[living.length - 1 - Math.max(index - free, 0)];
    return member !== undefined && !beats(rival, member, settings);
  });
  return cold < 0 ? rivals : rivals.slice(0, cold);
}

function beats(
  rival: RankedProcess,
  member: RankedProcess,
  { marginPercent, rankBy }: TopKSettings,
): boolean {
  return rival.value > member.value * (1 + marginPercent / 100) + noise[rankBy];
}

function bestFirst(ranking: Ranking): Ranking {
  return [...ranking].sort((a, b) => b.value - a.value || a.pid - b.pid);
}
