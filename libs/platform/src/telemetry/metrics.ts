import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; an acknowledged append takes milliseconds, a server restart ten seconds. */
const APPEND_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10];

/** What an app tells Prometheus. Labels are kinds, such as aggregate or view names, never ids. */
export class Metrics {
  readonly registry = new Registry();

  readonly commands = new Counter({
    name: 'phoenix_commands_total',
    help: 'Commands by aggregate and outcome: stored, repeated, unchanged, refused, or the code of the failure.',
    labelNames: ['aggregate', 'outcome'] as const,
    registers: [this.registry],
  });

  readonly appendSeconds = new Histogram({
    name: 'phoenix_append_seconds',
    help: 'Time until the store had answered an append, by outcome.',
    labelNames: ['outcome'] as const,
    buckets: APPEND_BUCKETS,
    registers: [this.registry],
  });

  readonly lag = new Gauge({
    name: 'phoenix_lag_commits',
    help: 'Commits that a reader has still to handle, by reader.',
    labelNames: ['reader'] as const,
    registers: [this.registry],
  });

  constructor(app: string) {
    this.registry.setDefaultLabels({ app });
    collectDefaultMetrics({ register: this.registry });
  }
}
