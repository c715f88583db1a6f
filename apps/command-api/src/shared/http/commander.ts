import { Inject, Injectable } from '@nestjs/common';
import { fold, type Decider } from '#lib/domain-kernel';
import {
  NO_POSITION,
  type AggregateId,
  type AggregateName,
  type AggregateRef,
  type EventsOf,
  type Position,
  type StoredCommit,
} from '#lib/events';
import {
  CLOCK,
  COMMAND_HANDLER,
  EVENT_STORE,
  ConcurrencyError,
  KeyedQueue,
  StoreError,
  systemClock,
  type Clock,
  type EventStore,
  type HandlesCommands,
} from '#lib/platform';
import type { FindingView } from '../views/common.view.js';
import type { CommandContext } from './command-context.js';

/** Answer to every command: what it was about, where its commit stands, and warnings where there are some. */
export type Accepted = {
  readonly id: AggregateId;
  readonly position: string;
  readonly findings?: readonly FindingView[];
};

/** A command as a slice writes it; the time is added here, at the edge. */
export type Untimed<Command> = Command extends unknown ? Omit<Command, 'at'> : never;

/** A state that was looked up for a command may change before the command is decided this often. */
const ATTEMPTS = 8;
/** Most that is waited before it is looked up again, ms. */
const PAUSE_MS = 40;

/** Makes a command from the present state, and from what is looked up elsewhere. */
type Make<Command, State> = (state: State, asOf: Position) => Promise<Untimed<Command>>;

type Outdated = ConcurrencyError;

/** The one way from a request to the command handler. */
@Injectable()
export class Commander {
  private readonly queue = new KeyedQueue();

  constructor(
    @Inject(COMMAND_HANDLER) private readonly handler: HandlesCommands,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError, ConcurrencyError, StoreError */
  async send<A extends AggregateName, Command extends { readonly at: string }, State>(
    decider: Decider<A, Command, State>,
    id: AggregateId,
    command: Untimed<Command>,
    context: CommandContext & { readonly asOf?: Position },
  ): Promise<Accepted> {
    const ref = { tenant: context.tenant, aggregate: decider.aggregate, id };
    const timed = { ...command, at: this.clock.iso() } as unknown as Command;
    const { commandId, actor, ifMatch, asOf } = context;
    const meta = {
      ...{ commandId, actor },
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(asOf === undefined ? {} : { asOf }),
    };
    const { position } = await this.handler.handle(decider, ref, timed, meta);
    return { id, position: String(position) };
  }

  /**
   * Sends a command whose content follows from the present state and from what is looked up elsewhere. It is carried
   * out on exactly that state or made anew. A repetition is answered as the first time before anything is looked up,
   * because what is found may have changed since.
   */
  async sendBasedOn<A extends AggregateName, Command extends { readonly at: string }, State>(
    decider: Decider<A, Command, State>,
    id: AggregateId,
    make: (state: State) => Promise<Untimed<Command>>,
    context: CommandContext,
  ): Promise<Accepted> {
    return this.repeat(() => this.attempt(decider, id, make, context));
  }

  /**
   * The same for a command that rests on all aggregates of its kind in the tenant: `make` is told the position up to
   * which it has to know them. The command is carried out only if none of them has changed after it, whichever
   * replica changes them. Commands that could come between must be sent in this way too (ADR 8).
   */
  async sendAmongAll<A extends AggregateName, Command extends { readonly at: string }, State>(
    decider: Decider<A, Command, State>,
    id: AggregateId,
    make: Make<Command, State>,
    context: CommandContext,
  ): Promise<Accepted> {
    const kind = { tenant: context.tenant, aggregate: decider.aggregate };
    const attempt = async (): Promise<Accepted | Outdated> => {
      // Before the aggregate itself is read, so that nothing can come to it unseen.
      const asOf = await this.store.lastPositionOfKind(kind);
      return this.attempt(decider, id, (state: State) => make(state, asOf), { ...context, asOf });
    };
    // One after another here; only replicas are left to get in each other's way.
    return this.queue.run(`${kind.tenant}.${kind.aggregate}`, () => this.repeat(attempt));
  }

  /** Answers with what went wrong where the command was made from something that has changed since. */
  private async attempt<A extends AggregateName, Command extends { readonly at: string }, State>(
    decider: Decider<A, Command, State>,
    id: AggregateId,
    make: (state: State) => Promise<Untimed<Command>>,
    context: CommandContext & { readonly asOf?: Position },
  ): Promise<Accepted | Outdated> {
    const commits = await this.commits({ tenant: context.tenant, aggregate: decider.aggregate, id });
    const earlier = commits.find(({ commandId }) => commandId === context.commandId);
    if (earlier !== undefined) return { id, position: String(earlier.position) };
    const command = await make(stateOf(decider, commits));
    const ifMatch = context.ifMatch ?? commits.at(-1)?.position ?? NO_POSITION;
    return this.send(decider, id, command, { ...context, ifMatch }).catch((error: unknown) => {
      if (isOutdated(error, context)) return error;
      throw error;
    });
  }

  private async repeat(attempt: () => Promise<Accepted | Outdated>): Promise<Accepted> {
    for (let n = 1; ; n += 1) {
      const outcome = await attempt();
      if (!(outcome instanceof ConcurrencyError)) return outcome;
      if (n === ATTEMPTS) throw new ConcurrencyError('busy', outcome.position);
      await systemClock.sleep(Math.random() * PAUSE_MS);
    }
  }

  /** State and position of an aggregate now. */
  async current<A extends AggregateName, Command, State>(
    decider: Decider<A, Command, State>,
    id: AggregateId,
    { tenant }: Pick<CommandContext, 'tenant'>,
  ): Promise<{ readonly state: State; readonly position: Position }> {
    const commits = await this.commits({ tenant, aggregate: decider.aggregate, id });
    return { state: stateOf(decider, commits), position: commits.at(-1)?.position ?? NO_POSITION };
  }

  /** All commits up to the newest: the leader is asked, because a refusal must not rest on a stale read. */
  private async commits<A extends AggregateName>(ref: AggregateRef<A>): Promise<readonly StoredCommit<A>[]> {
    const last = await this.store.lastPosition(ref);
    const commits = await this.store.load(ref);
    if ((commits.at(-1)?.position ?? NO_POSITION) < last)
      throw new StoreError('unavailable', `the commit at ${last} cannot be read yet`);
    return commits as readonly StoredCommit<A>[];
  }
}

function stateOf<A extends AggregateName, Command, State>(
  decider: Decider<A, Command, State>,
  commits: readonly StoredCommit<A>[],
): State {
  const events: readonly EventsOf<A>[] = commits.flatMap((commit) => commit.events);
  return fold(decider, events);
}

/** True when what the command was made from has changed: it can be made anew, unless the caller saw what he asked for. */
function isOutdated(error: unknown, { ifMatch }: CommandContext): error is Outdated {
  if (!(error instanceof ConcurrencyError)) return false;
  return error.code === 'superseded' || (error.code === 'if-match-failed' && ifMatch === undefined);
}
