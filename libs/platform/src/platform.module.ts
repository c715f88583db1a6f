import { Inject, Module, type DynamicModule, type OnModuleDestroy, type Provider } from '@nestjs/common';
import { streams } from '#lib/events';
import { CommandHandler } from './command-handler/command-handler.js';
import type { EventStore } from './event-store/event-store.js';
import { JetStreamEventStore } from './event-store/jetstream-event-store.js';
import { HealthController } from './health/health.controller.js';
import { Health } from './health/health.js';
import { systemClock, type Clock } from './lifecycle/clock.js';
import { Shutdown } from './lifecycle/shutdown.js';
import { createLogger, type Logger, type LogLevel } from './logging/logger.js';
import { connectNats, type Nats } from './nats/nats.js';
import { verifyTopology } from './nats/topology.js';
import { measuredHandler, measuredStore } from './telemetry/measured.js';
import { MetricsController } from './telemetry/metrics.controller.js';
import { Metrics } from './telemetry/metrics.js';
import { tracedHandler } from './telemetry/traced.js';
import { CLOCK, COMMAND_HANDLER, EVENT_STORE, HEALTH, LOGGER, METRICS, NATS, SHUTDOWN } from './tokens.js';

export interface PlatformOptions {
  /** Name of the app in logs, metrics and on the server. */
  readonly app: string;
  readonly natsUrl: string;
  readonly natsCredsFile?: string | undefined;
  readonly logLevel: LogLevel;
  /** Tests bring their own. */
  readonly clock?: Clock;
}

const PHASE_BUDGET_MS = 5_000;

/** What every app stands on. It refuses to start on streams that are not as `libs/events` wants them. */
@Module({})
export class PlatformModule implements OnModuleDestroy {
  constructor(@Inject(SHUTDOWN) private readonly shutdown: Shutdown) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const providers = [...basics(options), ...busProviders(options)];
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers,
      exports: [CLOCK, NATS, EVENT_STORE, COMMAND_HANDLER, LOGGER, HEALTH, METRICS, SHUTDOWN],
    };
  }

  onModuleDestroy(): Promise<void> {
    return this.shutdown.run();
  }
}

function basics({ app, logLevel, clock }: PlatformOptions): Provider[] {
  return [
    { provide: CLOCK, useValue: clock ?? systemClock },
    { provide: LOGGER, useFactory: () => createLogger({ app, level: logLevel }) },
    { provide: METRICS, useFactory: () => new Metrics(app) },
    // Patience with parts that hang is real time, whatever clock the app lives by.
    { provide: HEALTH, useFactory: () => new Health(systemClock) },
    {
      provide: SHUTDOWN,
      useFactory: (logger: Logger, health: Health) =>
        new Shutdown({
          clock: systemClock,
          logger,
          turnRed: () => health.turnRed('shutting down'),
          phaseBudgetMs: PHASE_BUDGET_MS,
        }),
      inject: [LOGGER, HEALTH],
    },
  ];
}

function busProviders({ app, natsUrl, natsCredsFile }: PlatformOptions): Provider[] {
  return [
    {
      provide: NATS,
      useFactory: async (health: Health, shutdown: Shutdown) => {
        const nats = await connectNats({ url: natsUrl, name: app, credsFile: natsCredsFile });
        health.register('nats', () => (nats.connected ? undefined : 'not connected'));
        shutdown.on('flush', 'nats', () => nats.flush());
        shutdown.on('drain', 'nats', () => nats.drain());
        await verifyTopology(nats, streams).catch(async (error: unknown) => {
          await nats.drain();
          throw error;
        });
        return nats;
      },
      inject: [HEALTH, SHUTDOWN],
    },
    {
      provide: EVENT_STORE,
      useFactory: (nats: Nats, metrics: Metrics, logger: Logger) => {
        const onReadRestart = (reason: string): void => logger.warn({ reason }, 'reading EVENTS starts anew');
        return measuredStore(new JetStreamEventStore(nats, { onReadRestart }), metrics, systemClock);
      },
      inject: [NATS, METRICS, LOGGER],
    },
    {
      provide: COMMAND_HANDLER,
      useFactory: (store: EventStore, clock: Clock, metrics: Metrics, shutdown: Shutdown) => {
        const handler = new CommandHandler(store, clock);
        shutdown.on('finish-in-flight', 'commands', () => handler.whenIdle());
        return measuredHandler(tracedHandler(handler), metrics);
      },
      inject: [EVENT_STORE, CLOCK, METRICS, SHUTDOWN],
    },
  ];
}
