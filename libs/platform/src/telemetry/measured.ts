import { isDomainError, type Decider } from '#lib/domain-kernel';
import type { AggregateName, AggregateRef } from '#lib/events';
import {
  ConcurrencyError,
  type CommandMeta,
  type CommandResult,
  type HandlesCommands,
} from '../command-handler/command-handler.js';
import { StoreError, type EventStore } from '../event-store/event-store.js';
import type { Clock } from '../lifecycle/clock.js';
import type { Metrics } from './metrics.js';

/** The same store, with every append measured. */
export function measuredStore(store: EventStore, metrics: Metrics, clock: Pick<Clock, 'now'>): EventStore {
  return {
    append: async (commit, expected, asOf) => {
      const start = clock.now();
      const observe = (outcome: string): void =>
        metrics.appendSeconds.observe({ outcome }, (clock.now() - start) / 1000);
      try {
        const appended = await store.append(commit, expected, asOf);
        observe(appended.duplicate ? 'duplicate' : 'stored');
        return appended;
      } catch (error) {
        observe(codeOf(error));
        throw error;
      }
    },
    load: (ref, after) => store.load(ref, after),
    lastPosition: (ref) => store.lastPosition(ref),
    loadKind: (kind, after) => store.loadKind(kind, after),
    lastPositionOfKind: (kind) => store.lastPositionOfKind(kind),
    head: () => store.head(),
    read: (options) => store.read(options),
  };
}

/** The same handler, with every command counted. */
export function measuredHandler(handler: HandlesCommands, metrics: Metrics): HandlesCommands {
  const handle = async <A extends AggregateName, Command, State>(
    decider: Decider<A, Command, State>,
    ref: AggregateRef<A>,
    command: Command,
    meta: CommandMeta,
  ): Promise<CommandResult<A, State>> => {
    const count = (outcome: string): void => metrics.commands.inc({ aggregate: ref.aggregate, outcome });
    try {
      const result = await handler.handle(decider, ref, command, meta);
      count(outcomeOf(result));
      return result;
    } catch (error) {
      count(isDomainError(error) ? 'refused' : codeOf(error));
      throw error;
    }
  };
  return { handle, whenIdle: () => handler.whenIdle() };
}

function outcomeOf({
  repeated,
  events,
}: Pick<CommandResult<AggregateName, unknown>, 'repeated' | 'events'>): string {
  if (repeated) return 'repeated';
  return events.length > 0 ? 'stored' : 'unchanged';
}

function codeOf(error: unknown): string {
  return error instanceof StoreError || error instanceof ConcurrencyError ? error.code : 'failed';
}
