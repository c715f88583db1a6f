import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, checkpointOf, type ViewName } from '#lib/database';
import { EVENT_STORE, type EventStore } from '#lib/platform';
import type { Database } from './database.js';
import type { FleetStatus } from './host.view.js';

const views = ['experiments', 'pipelines', 'hosts'] as const satisfies readonly ViewName[];

/** How far the views are behind the events, in commits. */
@Injectable()
export class Lag {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  async read(): Promise<Pick<FleetStatus, 'projections' | 'head'>> {
    const positions = await Promise.all(views.map((view) => checkpointOf(this.db, view)));
    // Asked last, so that a view cannot seem to be ahead of the events.
    const head = await this.store.head();
    const projections = views.map((name, index) => {
      const position = positions[index] ?? 0;
      return { name, position: String(position), lag: Math.max(0, head - position) };
    });
    return { head: String(head), projections };
  }
}
