import { experimentDecider, isStarted, type StartedExperiment } from '#lib/domain';
import { CodecError, decodeCommit, NO_POSITION, position, type StoredCommit } from '#lib/events';
import type { AggregateId, Position, TenantId } from '#lib/events';
import type { EventStore, RawCommit } from '#lib/platform';
import type { Log } from './log.js';

/** Names one experiment of one tenant. */
export type ExperimentKey = { readonly tenant: TenantId; readonly id: AggregateId };

/** An experiment that holds hosts or did so, as of its newest commit. */
export type KnownExperiment = ExperimentKey & {
  readonly position: Position;
  readonly state: StartedExperiment;
};

type Entry = ExperimentKey & {
  readonly position: Position;
  readonly state: ReturnType<typeof experimentDecider.initialState>;
};

const TIMED = new Set<StartedExperiment['phase']>(['deploying', 'warming', 'running']);

/** All experiments, folded from EVENTS in memory: what the clock derives its deadlines from. */
export class ExperimentBook {
  private readonly entries = new Map<string, Entry>();
  /** Aggregates with a commit that could not be read. They stay as they were, and readiness says so. */
  readonly unreadable = new Set<string>();
  private head: Position | undefined;
  private at: Position = NO_POSITION;

  constructor(
    private readonly store: Pick<EventStore, 'head' | 'read'>,
    private readonly log: Log,
  ) {}

  /** True once everything that was stored before the start has been folded. */
  get caughtUp(): boolean {
    return this.head !== undefined && this.at >= this.head;
  }

  get(tenant: string, id: string): KnownExperiment | undefined {
    return started(this.entries.get(`${tenant} ${id}`));
  }

  /** The experiments that wait for a deadline or a host. */
  timed(): readonly KnownExperiment[] {
    return [...this.entries.values()].flatMap((entry) => {
      const experiment = started(entry);
      return experiment !== undefined && TIMED.has(experiment.state.phase) ? [experiment] : [];
    });
  }

  /** Folds all commits and then the new ones until the signal aborts; a second call goes on behind the first. */
  async follow(signal: AbortSignal): Promise<void> {
    this.head ??= await this.store.head();
    for await (const commit of this.store.read({ after: this.at, signal })) {
      this.fold(commit);
      this.at = commit.position;
    }
  }

  private fold({ subject, bytes, position: at }: RawCommit): void {
    // What follows an unreadable commit of an aggregate would be folded onto the wrong state.
    if (this.unreadable.has(subject)) return;
    try {
      const commit = decodeCommit(bytes, position(at));
      if (isExperimentCommit(commit)) this.apply(commit);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.unreadable.add(subject);
      this.log.warn('commit cannot be read', { subject, position: at, code: error.code });
    }
  }

  private apply({ tenant, id, position: at, events }: StoredCommit<'experiment'>): void {
    const key = `${tenant} ${id}`;
    const before = this.entries.get(key)?.state ?? experimentDecider.initialState();
    const state = events.reduce((folded, event) => experimentDecider.evolve(folded, event), before);
    this.entries.set(key, { tenant, id, position: at, state });
  }
}

function started(entry: Entry | undefined): KnownExperiment | undefined {
  return entry !== undefined && isStarted(entry.state) ? { ...entry, state: entry.state } : undefined;
}

function isExperimentCommit(commit: StoredCommit): commit is StoredCommit<'experiment'> {
  return commit.aggregate === 'experiment';
}
