import type { Decider } from '#lib/domain-kernel';
import {
  position,
  subjects,
  type Actor,
  type AggregateName,
  type AggregateRef,
  type Commit,
  type CommandId,
  type EventsOf,
  type Position,
  type StoredCommit,
} from '#lib/events';
import { StoreError, type EventStore } from '../event-store/event-store.js';
import { systemClock, type Clock } from '../lifecycle/clock.js';
import { Folded } from './folded.js';
import { KeyedQueue } from './keyed-queue.js';
import { LruCache } from './lru.js';

/** What comes with every command. */
export interface CommandMeta {
  readonly commandId: CommandId;
  readonly actor: Actor;
  /** Only carry it out when this is still the aggregate's last position. */
  readonly ifMatch?: Position;
  /**
   * Only carry it out when no aggregate of this kind and tenant has a commit after this position: for a command that
   * was made from a look at all of them. It is refused as `superseded` then, because it has to be made anew.
   */
  readonly asOf?: Position;
  /** Commit or message that led to the command. */
  readonly causation?: string;
}

export interface CommandResult<A extends AggregateName, State> {
  /** Where the command's commit is stored; the aggregate's last position when the command changed nothing. */
  readonly position: Position;
  readonly state: State;
  readonly events: readonly EventsOf<A>[];
  /** The command had been carried out before; `position` and `events` are those of the first time. */
  readonly repeated: boolean;
}

/**
 * - `if-match-failed`: the aggregate is no longer at the position the caller saw.
 * - `superseded`: another aggregate of the kind is no longer as the caller saw it.
 * - `busy`: others kept winning, or too many commands wait for the aggregate. Nothing was stored.
 */
export type ConcurrencyErrorCode = 'if-match-failed' | 'superseded' | 'busy';

export class ConcurrencyError extends Error {
  override readonly name = 'ConcurrencyError';
  constructor(
    readonly code: ConcurrencyErrorCode,
    /** Last position of the aggregate, when it was looked up. */
    readonly position?: Position,
  ) {
    super(code);
  }
}

/** What apps and decorators need of the handler. */
export type HandlesCommands = Pick<CommandHandler, 'handle' | 'whenIdle'>;

const ATTEMPTS = 8;
const JITTER_MS = { first: 5, most: 200 } as const;
const MOST_WAITING = 2_000;
const CACHED_AGGREGATES = 10_000;

interface Request<A extends AggregateName, Command, State> {
  readonly decider: Decider<A, Command, State>;
  readonly ref: AggregateRef<A>;
  readonly command: Command;
  readonly meta: CommandMeta;
}

type Decision<A extends AggregateName> =
  | { readonly kind: 'events'; readonly events: readonly EventsOf<A>[] }
  | { readonly kind: 'refused'; readonly error: unknown };

/**
 * Turns commands into commits. Commands of one aggregate run one after another in this process; against other
 * processes the expected position protects. Any number of handlers may share a store.
 */
export class CommandHandler {
  private readonly queue = new KeyedQueue();
  private readonly cache: LruCache<unknown>;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Pick<Clock, 'iso'>,
    options: { readonly cachedAggregates?: number } = {},
  ) {
    this.cache = new LruCache(options.cachedAggregates ?? CACHED_AGGREGATES);
  }

  /**
   * Carries a command out, once however often it is sent.
   * @throws DomainError when the rules refuse it, ConcurrencyError, StoreError
   */
  handle<A extends AggregateName, Command, State>(
    decider: Decider<A, Command, State>,
    ref: AggregateRef<A>,
    command: Command,
    meta: CommandMeta,
  ): Promise<CommandResult<A, State>> {
    const key = subjects.events(ref);
    if (this.queue.lengthOf(key) >= MOST_WAITING) return Promise.reject(new ConcurrencyError('busy'));
    return this.queue.run(key, () => this.attempt({ decider, ref, command, meta }));
  }

  /** Resolves when no command runs or waits. */
  whenIdle(): Promise<void> {
    return this.queue.whenIdle();
  }

  private async attempt<A extends AggregateName, C, S>(
    request: Request<A, C, S>,
  ): Promise<CommandResult<A, S>> {
    let folded = await this.current(request);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const earlier = folded.positionOf(request.meta.commandId);
      if (earlier !== undefined) return this.asTheFirstTime(request.ref, folded, earlier);
      const decision = decide(request, folded);
      const stored = await this.settle(request, folded, decision);
      if (stored !== undefined) return stored;
      await systemClock.sleep(jitter(attempt));
      folded = await this.catchUp(request, folded);
    }
    throw new ConcurrencyError('busy', folded.position);
  }

  /** Carries a decision through; undefined when it rested on a state that is no longer the last. */
  private async settle<A extends AggregateName, C, S>(
    request: Request<A, C, S>,
    folded: Folded<A, C, S>,
    decision: Decision<A>,
  ): Promise<CommandResult<A, S> | undefined> {
    if (decision.kind === 'events' && decision.events.length > 0)
      return this.append(request, folded, decision.events);
    // Nothing is appended that would notice a stale state, so the leader is asked.
    if ((await this.store.lastPosition(request.ref)) !== folded.position) return undefined;
    if (decision.kind === 'refused') throw decision.error;
    return { position: folded.position, state: folded.state, events: [], repeated: false };
  }

  private async append<A extends AggregateName, C, S>(
    request: Request<A, C, S>,
    folded: Folded<A, C, S>,
    events: readonly EventsOf<A>[],
  ): Promise<CommandResult<A, S> | undefined> {
    const commit = this.commitOf(request, events);
    try {
      const { asOf } = request.meta;
      const { position: at, duplicate } = await this.store.append(commit, folded.position, asOf);
      // Stored earlier, perhaps with other events than were decided now.
      if (duplicate) return await this.asTheFirstTime(request.ref, await this.catchUp(request, folded), at);
      folded.apply({ ...commit, position: at });
      return { position: at, state: folded.state, events, repeated: false };
    } catch (error) {
      const isConflict = error instanceof StoreError && error.code === 'conflict';
      // The same command can be decided again on a newer state, unless it was made from a look at others.
      if (isConflict && request.meta.asOf === undefined) return undefined;
      // Whether it is stored or not is not known, so the state may be behind.
      this.cache.delete(subjects.events(commit));
      throw isConflict ? new ConcurrencyError('superseded') : error;
    }
  }

  private async asTheFirstTime<A extends AggregateName, C, S>(
    ref: AggregateRef<A>,
    folded: Folded<A, C, S>,
    at: Position,
  ): Promise<CommandResult<A, S>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const [commit] = await this.store.load(ref, position(at - 1));
      if (commit?.position === at) {
        const { events } = commit as StoredCommit<A>;
        return { position: at, state: folded.state, events, repeated: true };
      }
      // The replica that answered has not got it yet.
      await systemClock.sleep(jitter(attempt));
    }
    throw new StoreError('unavailable', `the commit at ${at} cannot be read now`);
  }

  private async current<A extends AggregateName, C, S>(request: Request<A, C, S>): Promise<Folded<A, C, S>> {
    const cached = this.cache.get(subjects.events(request.ref));
    // One decider is used for an aggregate, so a cached entry of this decider has its types.
    if (cached instanceof Folded && cached.decider === request.decider) return cached as Folded<A, C, S>;
    return this.catchUp(request, new Folded(request.decider));
  }

  /** Applies what was stored meanwhile. Finding nothing means a stale replica or a lost tail: then all is read anew. */
  private async catchUp<A extends AggregateName, C, S>(
    { decider, ref }: Request<A, C, S>,
    known: Folded<A, C, S>,
  ): Promise<Folded<A, C, S>> {
    const key = subjects.events(ref);
    this.cache.delete(key);
    let folded = known;
    let commits = await this.store.load(ref, known.position);
    if (commits.length === 0 && known.position > 0) {
      folded = new Folded(decider);
      commits = await this.store.load(ref);
    }
    for (const commit of commits) folded.apply(commit as StoredCommit<A>);
    this.cache.set(key, folded);
    return folded;
  }

  private commitOf<A extends AggregateName>(
    { ref, meta }: Pick<Request<A, unknown, unknown>, 'ref' | 'meta'>,
    events: readonly EventsOf<A>[],
  ): Commit<A> {
    const { tenant, aggregate, id } = ref;
    const { commandId, actor, causation } = meta;
    const at = this.clock.iso();
    return {
      tenant,
      aggregate,
      id,
      commandId,
      actor,
      at,
      events,
      ...(causation === undefined ? {} : { causation }),
    };
  }
}

function decide<A extends AggregateName, C, S>(
  { decider, command, meta }: Request<A, C, S>,
  folded: Folded<A, C, S>,
): Decision<A> {
  if (meta.ifMatch !== undefined && meta.ifMatch !== folded.position)
    return { kind: 'refused', error: new ConcurrencyError('if-match-failed', folded.position) };
  try {
    return { kind: 'events', events: decider.decide(command, folded.state) };
  } catch (error) {
    return { kind: 'refused', error };
  }
}

/** Full jitter over a doubling pause, ms. */
function jitter(attempt: number): number {
  return Math.random() * Math.min(JITTER_MS.first * 2 ** attempt, JITTER_MS.most);
}
