import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { DATA_SOURCE, DatabaseModule } from '#lib/database';
import { AuthModule, loadJwtKey, PlatformModule, type Clock } from '#lib/platform';
import { AuditController } from './audit/audit.controller.js';
import { AuditTrail } from './audit/audit-trail.js';
import { AuthController } from './auth/auth.controller.js';
import { AuthService } from './auth/auth.service.js';
import { FIRST_ADMIN, FirstAdmin, type FirstAdminOptions } from './auth/first-admin.js';
import type { CommandApiConfig } from './command-api.config.js';
import { ConclusionBell } from './experiments/conclusion-bell.js';
import { ExperimentCommands } from './experiments/experiment-commands.js';
import { ExperimentQueries } from './experiments/experiment-queries.js';
import { ExperimentsController } from './experiments/experiments.controller.js';
import { HeldHosts } from './experiments/held-hosts.js';
import { TransitionsController } from './experiments/transitions.controller.js';
import { ExportsController } from './exports/exports.controller.js';
import { FeedLoop } from './feeds/feed-loop.js';
import { FEED_SOURCE } from './feeds/feed-source.js';
import { FeedsGateway } from './feeds/feeds.gateway.js';
import { KpiSource } from './feeds/kpi-source.js';
import { LogSource } from './feeds/log-source.js';
import { TaskSource } from './feeds/task-source.js';
import { TopicSource } from './feeds/topic-source.js';
import { EnrolmentTokens } from './fleet/enrolment-tokens.js';
import { HostDebugger } from './fleet/debug/host-debug.js';
import { FleetController } from './fleet/fleet.controller.js';
import { FleetQueries } from './fleet/fleet-queries.js';
import { HostCommands } from './fleet/host-commands.js';
import { Commander } from './shared/http/commander.js';
import { CursorSeal } from './shared/http/cursor-seal.js';
import { EtagInterceptor } from './shared/http/etag.interceptor.js';
import { AtLeastInterceptor } from './shared/http/waits-for.js';
import { FigureQueries } from './kpis/figure-queries.js';
import { KpisController } from './kpis/kpis.controller.js';
import { ResultRecords } from './kpis/result-records.js';
import { ResultsController } from './kpis/results.controller.js';
import { PageController } from './page/page.controller.js';
import { ConfigsController } from './pipelines/configs.controller.js';
import { PipelineAnswersController } from './pipelines/pipeline-answers.controller.js';
import { HostCollectors } from './pipelines/host-collectors.js';
import { Samples } from './pipelines/samples.js';
import { PipelineCommands } from './pipelines/pipeline-commands.js';
import { PipelineQueries } from './pipelines/pipeline-queries.js';
import { PipelinesController } from './pipelines/pipelines.controller.js';
import { PreviewService } from './previews/preview-service.js';
import { PreviewsController } from './previews/previews.controller.js';
import { RecordingsController } from './recordings/recordings.controller.js';
import { PreviewWorkers } from './shared/recordings/preview-workers.js';
import { RecordingStore } from './shared/recordings/recording-store.js';
import { UsageQueries } from './pipelines/usage/usage-queries.js';
import { TariffsController } from './tariffs/tariffs.controller.js';
import { TaskCommands } from './tasks/task-commands.js';
import { TasksController } from './tasks/tasks.controller.js';
import type { Database } from './shared/views/database.js';
import { ExperimentLog } from './shared/views/experiment-log.js';
import { ExperimentsReader } from './shared/views/experiments.reader.js';
import { HostsReader } from './shared/views/hosts.reader.js';
import { KpisReader } from './shared/views/kpis.reader.js';
import { Lag } from './shared/views/lag.js';
import { PipelinesReader } from './shared/views/pipelines.reader.js';
import { TasksReader } from './shared/views/tasks.reader.js';

/** The one place where the parts of command-api are put together. */
@Module({})
export class CommandApiModule {
  static forRoot(config: CommandApiConfig, clock?: Clock): DynamicModule {
    const { natsUrl, natsCreds, logLevel, databaseUrl, jwtSecretFile, adminEmail, adminPasswordFile } =
      config;
    const platform = PlatformModule.forRoot({
      app: 'command-api',
      natsUrl,
      natsCredsFile: natsCreds,
      logLevel,
      ...(clock === undefined ? {} : { clock }),
    });
    const firstAdmin: FirstAdminOptions = { email: adminEmail, passwordFile: adminPasswordFile };
    return {
      module: CommandApiModule,
      imports: [
        platform,
        DatabaseModule.forRoot(databaseUrl),
        AuthModule.forRoot(() => loadJwtKey(jwtSecretFile)),
      ],
      controllers,
      providers: [
        ...edge,
        ...readers,
        ...slices,
        ...feeds,
        FirstAdmin,
        { provide: FIRST_ADMIN, useValue: firstAdmin },
      ],
    };
  }
}

const controllers = [
  AuthController,
  ExperimentsController,
  TransitionsController,
  KpisController,
  ResultsController,
  PreviewsController,
  PipelinesController,
  PipelineAnswersController,
  ConfigsController,
  RecordingsController,
  ExportsController,
  FleetController,
  TariffsController,
  TasksController,
  AuditController,
  PageController,
];

const edge: Provider[] = [
  Commander,
  CursorSeal,
  { provide: APP_INTERCEPTOR, useClass: AtLeastInterceptor },
  { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
];

const readers: Provider[] = [
  ExperimentLog,
  ExperimentsReader,
  HostsReader,
  KpisReader,
  Lag,
  PipelinesReader,
  TasksReader,
];

const slices: Provider[] = [
  AuditTrail,
  AuthService,
  ConclusionBell,
  EnrolmentTokens,
  ExperimentCommands,
  ExperimentQueries,
  FigureQueries,
  FleetQueries,
  HeldHosts,
  HostDebugger,
  HostCommands,
  PipelineCommands,
  HostCollectors,
  PipelineQueries,
  PreviewService,
  PreviewWorkers,
  RecordingStore,
  TaskCommands,
  ResultRecords,
  Samples,
  UsageQueries,
];

const feeds: Provider[] = [
  {
    provide: FEED_SOURCE,
    useFactory: (
      db: Database,
      experiments: ExperimentsReader,
      hosts: HostsReader,
      kpis: KpisReader,
      tasks: TasksReader,
    ) =>
      new TopicSource(
        new LogSource(db, experiments, hosts),
        new KpiSource(db, kpis),
        new TaskSource(db, tasks),
      ),
    inject: [DATA_SOURCE, ExperimentsReader, HostsReader, KpisReader, TasksReader],
  },
  FeedLoop,
  FeedsGateway,
];
