import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PostgresProjectionStore } from '#lib/database';
import { subjects } from '#lib/events';
import {
  CLOCK,
  EVENT_STORE,
  LOGGER,
  NATS,
  ProjectionRunner,
  type Clock,
  type Doorbell,
  type EventStore,
  type Logger,
  type Nats,
  type Projection,
  type ProjectionStatus,
} from '#lib/platform';
import { PROJECTIONS } from './tokens.js';

/** One runner per projection. */
@Injectable()
export class ProjectionRunners {
  private readonly runners: readonly ProjectionRunner[];

  constructor(
    @Inject(PROJECTIONS) projections: readonly Projection[],
    @Inject(EVENT_STORE) source: EventStore,
    @Inject(NATS) nats: Nats,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) log: Logger,
    store: PostgresProjectionStore,
  ) {
    const owner = randomUUID();
    const doorbell = doorbellOn(nats);
    this.runners = projections.map(
      (projection) => new ProjectionRunner({ projection, source, store, owner, clock, doorbell, log }),
    );
  }

  get statuses(): readonly ProjectionStatus[] {
    return this.runners.map(({ status }) => status);
  }

  start(): void {
    for (const runner of this.runners) runner.start();
  }

  /** Resolves when every runner has ended its transaction and given its lease back. */
  async stop(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.stop()));
  }
}

/** A lost doorbell is harmless, so one for a server that is away is not worth an error. */
function doorbellOn(nats: Pick<Nats, 'send' | 'connected'>): Doorbell {
  const encoder = new TextEncoder();
  return ({ tenant, view, position }) => {
    if (nats.connected) nats.send(subjects.feed(tenant, view), encoder.encode(JSON.stringify({ position })));
  };
}
