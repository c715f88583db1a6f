import type { EventDefinition } from './event.js';
import { experimentEvents, type ExperimentEvent } from './experiment/events.js';
import { hostEvents, type HostEvent } from './host/events.js';
import { pipelineEvents, type PipelineEvent } from './pipeline/events.js';

/** Every event of every aggregate, by aggregate and type. */
export const catalogue = {
  experiment: experimentEvents,
  pipeline: pipelineEvents,
  host: hostEvents,
} as const satisfies Record<string, Record<string, EventDefinition>>;

export type AggregateName = keyof typeof catalogue;
export const aggregateNames = Object.keys(catalogue) as readonly AggregateName[];

/** The events of one aggregate as a union on `type`. */
export type EventsOf<A extends AggregateName> = {
  experiment: ExperimentEvent;
  pipeline: PipelineEvent;
  host: HostEvent;
}[A];

export type DomainEvent = EventsOf<AggregateName>;

/** Narrows a text to an aggregate name. */
export function isAggregateName(text: string): text is AggregateName {
  return Object.hasOwn(catalogue, text);
}

/** The definition of an event, or undefined when the aggregate has no event of that type. */
export function definitionOf(aggregate: AggregateName, type: string): EventDefinition | undefined {
  const events: Record<string, EventDefinition> = catalogue[aggregate];
  return Object.hasOwn(events, type) ? events[type] : undefined;
}
