import { Inject, Injectable } from '@nestjs/common';
import {
  experimentDecider,
  isStarted,
  phasesHoldingHosts,
  type BusyHost,
  type ExperimentState,
} from '#lib/domain';
import {
  CodecError,
  decodeCommit,
  NO_POSITION,
  type EventsOf,
  type Position,
  type TenantId,
} from '#lib/events';
import { EVENT_STORE, StoreError, type EventStore, type RawCommit } from '#lib/platform';

/** The experiments of a tenant, by subject, as the log has them up to a position. */
type Book = {
  readonly position: Position;
  readonly experiments: ReadonlyMap<string, Entry>;
};
type Entry = { readonly id: string; readonly state: ExperimentState; readonly readable: boolean };

const EMPTY: Book = { position: NO_POSITION, experiments: new Map() };

/**
 * Which hosts are held by which experiment, folded from the log itself: the views may be a moment behind, and a moment
 * is enough for two experiments on one host. Each look folds only what has come since the last.
 */
@Injectable()
export class HeldHosts {
  private readonly books = new Map<TenantId, Book>();

  constructor(@Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'loadKind'>) {}

  /** Everything that is held after the commit at `asOf`, or after a later one. @throws StoreError `unavailable` */
  async asOf(tenant: TenantId, asOf: Position): Promise<readonly BusyHost[]> {
    const book = await this.caughtUp(tenant);
    if (book.position < asOf)
      throw new StoreError('unavailable', `the experiments up to ${asOf} cannot be read yet`);
    return [...book.experiments.values()].flatMap(heldBy);
  }

  private async caughtUp(tenant: TenantId): Promise<Book> {
    const known = this.books.get(tenant) ?? EMPTY;
    const commits = await this.store.loadKind({ tenant, aggregate: 'experiment' }, known.position);
    const book = { position: commits.at(-1)?.position ?? known.position, experiments: fold(known, commits) };
    this.books.set(tenant, book);
    return book;
  }
}

function fold({ experiments }: Book, commits: readonly RawCommit[]): ReadonlyMap<string, Entry> {
  if (commits.length === 0) return experiments;
  const folded = new Map(experiments);
  for (const commit of commits) folded.set(commit.subject, after(folded.get(commit.subject), commit));
  return folded;
}

/** An experiment with a commit that cannot be read keeps what it held: nobody can tell that it has let go. */
function after(before: Entry | undefined, { subject, bytes, position }: RawCommit): Entry {
  const known = before ?? { id: subject.split('.').at(-1) ?? '', state: experimentDecider.initialState() };
  if (before?.readable === false) return before;
  try {
    const { events } = decodeCommit(bytes, position);
    const state = (events as readonly EventsOf<'experiment'>[]).reduce(
      (folded, event) => experimentDecider.evolve(folded, event),
      known.state,
    );
    return { id: known.id, state, readable: true };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { id: known.id, state: known.state, readable: false };
  }
}

function heldBy({ id, state }: Entry): readonly BusyHost[] {
  if (!isStarted(state) || !phasesHoldingHosts.includes(state.phase)) return [];
  return state.run.hosts.map((host) => ({ host, experimentId: id }));
}
