import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Gauge } from 'prom-client';
import {
  CLOCK,
  HEALTH,
  lagOf,
  METRICS,
  projectionProblems,
  SHUTDOWN,
  type Clock,
  type Health,
  type Metrics,
  type Shutdown,
} from '#lib/platform';
import { ProjectionRunners } from './projection-runners.js';

const FIGURES_MS = 1_000;

/** Starts and stops the projections with the app, and tells readiness and Prometheus how they are. */
@Injectable()
export class ProjectionLifecycle implements OnApplicationBootstrap {
  private readonly parkedAggregates: Gauge<'projection'>;

  constructor(
    private readonly runners: ProjectionRunners,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
  ) {
    this.parkedAggregates = new Gauge({
      name: 'phoenix_parked_aggregates',
      help: 'Aggregates that a projection cannot go on with until it is rebuilt.',
      labelNames: ['projection'],
      registers: [metrics.registry],
    });
  }

  onApplicationBootstrap(): void {
    this.health.register('projections', () => {
      const problems = this.runners.statuses.flatMap(projectionProblems);
      return problems.length === 0 ? undefined : problems.join('; ');
    });
    this.runners.start();
    const figures = this.clock.every(FIGURES_MS, () => this.showFigures());
    this.shutdown.on('finish-in-flight', 'projections', () => this.runners.stop());
    this.shutdown.on('finish-in-flight', 'projection figures', () => figures.stop());
  }

  private showFigures(): Promise<void> {
    for (const status of this.runners.statuses) {
      this.metrics.lag.set({ reader: status.projection }, lagOf(status));
      this.parkedAggregates.set({ projection: status.projection }, status.parked.length);
    }
    return Promise.resolve();
  }
}
