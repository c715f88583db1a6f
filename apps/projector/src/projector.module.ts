import { Module, type DynamicModule } from '@nestjs/common';
import { DATA_SOURCE, DatabaseModule, PostgresProjectionStore } from '#lib/database';
import { NATS, PlatformModule, type Clock, type Nats } from '#lib/platform';
import { allProjections } from './projections.js';
import type { ProjectorConfig } from './projector.config.js';
import { ProjectionLifecycle } from './runners/projection-lifecycle.js';
import { ProjectionRunners } from './runners/projection-runners.js';
import { PROJECTIONS } from './runners/tokens.js';

type DataSource = ConstructorParameters<typeof PostgresProjectionStore>[0];

/** The one place where the projector's parts are put together. */
@Module({})
export class ProjectorModule {
  static forRoot(config: ProjectorConfig, clock?: Clock): DynamicModule {
    const platform = PlatformModule.forRoot({
      app: 'projector',
      natsUrl: config.natsUrl,
      natsCredsFile: config.natsCreds,
      logLevel: config.logLevel,
      ...(clock === undefined ? {} : { clock }),
    });
    return {
      module: ProjectorModule,
      imports: [platform, DatabaseModule.forRoot(config.databaseUrl)],
      providers: [
        { provide: PROJECTIONS, useFactory: (nats: Nats) => allProjections(nats), inject: [NATS] },
        {
          provide: PostgresProjectionStore,
          useFactory: (source: DataSource) => new PostgresProjectionStore(source),
          inject: [DATA_SOURCE],
        },
        ProjectionRunners,
        ProjectionLifecycle,
      ],
    };
  }
}
