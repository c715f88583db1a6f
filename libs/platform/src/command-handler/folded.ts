import type { Decider } from '#lib/domain-kernel';
import {
  NO_POSITION,
  type AggregateName,
  type CommandId,
  type Position,
  type StoredCommit,
} from '#lib/events';

/** How many of its latest commands an aggregate remembers, far beyond any client's retries. */
export const REMEMBERED_COMMANDS = 200;

/**
 * An aggregate as its commits left it: the decider's state, the last position and the latest command ids. All three
 * come from the commits alone, so a repeated command is recognised after any restart and in any app.
 */
export class Folded<A extends AggregateName, Command, State> {
  private current: State;
  private last: Position = NO_POSITION;
  private readonly recent = new Map<CommandId, Position>();

  constructor(readonly decider: Decider<A, Command, State>) {
    this.current = decider.initialState();
  }

  get state(): State {
    return this.current;
  }

  get position(): Position {
    return this.last;
  }

  /** Where the command's commit is stored, if the aggregate remembers it. */
  positionOf(commandId: CommandId): Position | undefined {
    return this.recent.get(commandId);
  }

  apply(commit: Pick<StoredCommit<A>, 'events' | 'commandId' | 'position'>): void {
    this.current = commit.events.reduce((state, event) => this.decider.evolve(state, event), this.current);
    this.last = commit.position;
    this.recent.set(commit.commandId, commit.position);
    if (this.recent.size <= REMEMBERED_COMMANDS) return;
    const oldest = this.recent.keys().next();
    if (oldest.done !== true) this.recent.delete(oldest.value);
  }
}
