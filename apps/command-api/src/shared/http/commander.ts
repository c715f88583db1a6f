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
  StoreError,
  type Clock,
  type EventStore,
  type HandlesCommands,
} from '#lib/platform';
import type { CommandContext } from './command-context.js';

/** Answer to every command: what it was about and where its commit stands. */
export type Accepted = { readonly id: AggregateId; readonly position: string };

/** A command as a slice writes it; the time is added here, at the edge. */
export type Untimed<Command> = Command extends unknown ? Omit<Command, 'at'> : never;

/** A state that was looked up for a command may change before the command is decided this often. */
const ATTEMPTS = 3;

/** The one way from a request to the command handler. */
@Injectable()
export class Commander {
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
    context: CommandContext,
  ): Promise<Accepted> {
    const ref = { tenant: context.tenant, aggregate: decider.aggregate, id };
    const timed = { ...command, at: this.clock.iso() } as unknown as Command;
    const { commandId, actor, ifMatch } = context;
    const meta = { commandId, actor, ...(ifMatch === undefined ? {} : { ifMatch }) };
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
    for (let attempt = 1; ; attempt += 1) {
      const commits = await this.commits({ tenant: context.tenant, aggregate: decider.aggregate, id });
      const earlier = commits.find(({ commandId }) => commandId === context.commandId);
      if (earlier !== undefined) return { id, position: String(earlier.position) };
      const command = await make(stateOf(decider, commits));
      const ifMatch = context.ifMatch ?? commits.at(-1)?.position ?? NO_POSITION;
      try {
        return await this.send(decider, id, command, { ...context, ifMatch });
      } catch (error) {
        const isOurs = context.ifMatch === undefined && isIfMatchFailure(error);
        if (!isOurs) throw error;
        if (attempt === ATTEMPTS) throw new ConcurrencyError('busy', error.position);
      }
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

function isIfMatchFailure(error: unknown): error is ConcurrencyError {
  return error instanceof ConcurrencyError && error.code === 'if-match-failed';
}
