import { definitionOf, type AggregateName, type DomainEvent, type EventsOf } from '#lib/events';
import { fold, isDomainError, type Decider } from '../kernel/index.js';

/** What a history of commands left behind, or the refusal of its last one. */
export type Outcome<A extends AggregateName, State> = {
  readonly state: State;
  readonly events: readonly EventsOf<A>[];
  readonly refusals: readonly string[];
};

/** Sends commands one after the other; a refused command leaves the state as it was. */
export function play<A extends AggregateName, Command, State>(
  decider: Decider<A, Command, State>,
  commands: readonly Command[],
): Outcome<A, State> {
  const start: Outcome<A, State> = { state: decider.initialState(), events: [], refusals: [] };
  return commands.reduce((before, command) => {
    try {
      const events = decider.decide(command, before.state);
      const state = fold(decider, events, before.state);
      return { ...before, state, events: [...before.events, ...events] };
    } catch (error) {
      if (!isDomainError(error)) throw error;
      return { ...before, refusals: [...before.refusals, error.code] };
    }
  }, start);
}

/** The code with which a command is refused, or undefined when it is accepted. */
export function refusalOf<A extends AggregateName, Command, State>(
  decider: Decider<A, Command, State>,
  command: Command,
  state: State,
): string | undefined {
  try {
    decider.decide(command, state);
    return undefined;
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
}

/** The events that their own schemas refuse; empty when every event can be stored. */
export function unstorable(aggregate: AggregateName, events: readonly DomainEvent[]): readonly string[] {
  return events
    .filter(({ type, data }) => definitionOf(aggregate, type)?.schema.safeParse(data).success !== true)
    .map(({ type }) => type);
}
