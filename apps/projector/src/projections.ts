import type { Nats, Projection } from '#lib/platform';
import { experimentsView } from './experiments/experiments.projection.js';
import { hostsView } from './hosts/hosts.projection.js';
import { pipelinesView } from './pipelines/pipelines.projection.js';
import { publicEventsProjection } from './public-events/public-events.projection.js';
import { projectionOf } from './shared/aggregate-view.js';

/** The projections that write rows; each can be rebuilt. */
export const viewProjections: readonly Projection[] = [
  projectionOf(experimentsView),
  projectionOf(pipelinesView),
  projectionOf(hostsView),
];

/** Everything that the projector keeps up with the stream. */
export function allProjections(nats: Pick<Nats, 'publisher'>): readonly Projection[] {
  return [...viewProjections, publicEventsProjection(nats)];
}
