import type { AggregateName, EventsOf } from '#lib/events';

/**
 * The rules of one kind of aggregate as two pure functions. The state is nothing but the fold of `evolve` over the
 * aggregate's events; time, ids and everything looked up arrive inside the command.
 */
export interface Decider<A extends AggregateName, Command, State> {
  readonly aggregate: A;
  initialState(): State;
  /** The events that the command causes; `[]` when nothing is to change. @throws DomainError when it is refused. */
  decide(command: Command, state: State): readonly EventsOf<A>[];
  /** Never throws on an event that `decide` gave. */
  evolve(state: State, event: EventsOf<A>): State;
}

/** State after the given events, oldest first. */
export function fold<A extends AggregateName, Command, State>(
  decider: Decider<A, Command, State>,
  events: readonly EventsOf<A>[],
  from: State = decider.initialState(),
): State {
  return events.reduce((state, event) => decider.evolve(state, event), from);
}
